package dev.handoff.webchat;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.websocket.WsConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of the widget. It begins with a hello; then whatever the visitor writes is answered by exactly one of stored,
 * refused and again, and the mailbox follows as it grows. What no widget of ours would send ends the socket. Thread-safe;
 * Jetty reads one socket's frames one after the other, so a visitor who writes fast waits for nobody but themselves.
 */
final class ChatSocket {
    private static final Logger log = LoggerFactory.getLogger(ChatSocket.class);
    private static final String PATH = "/webchat/socket";

    /** Of a page that has nothing yet. */
    private static final int LATEST = 200;

    private static final int AT_ONCE = 10;
    private static final double A_SECOND = 2;
    private static final long TOO_FAST_MILLIS = 1_000;
    private static final long TROUBLE_MILLIS = 2_000;

    /** The longest text in the widest writing, and its envelope. */
    private static final int LONGEST_FRAME = 8 * WebChatChannel.MAX_TEXT;

    /** Widgets ask every 25 seconds whether anybody is there; browsers let a page in the background do so once a minute. */
    private static final Duration IDLE = Duration.ofSeconds(150);

    /** A widget says hello at once; whoever does not is not counted among the tabs, and must not stay. */
    private static final Duration UNTIL_HELLO = Duration.ofSeconds(5);

    private static final int MOST_UNREAD_FRAMES = 64;
    private static final int NO_BINARY = 1003;
    private static final int NOT_UNDERSTOOD = 1007;
    private static final int TRY_AGAIN_LATER = 1013;

    private final WebChatSettings settings;
    private final Mailbox mailbox;
    private final Tabs tabs;
    private final Intake intake;
    private final LongSupplier nanos;
    private final Map<Session, Tab> greeted = new ConcurrentHashMap<>();

    ChatSocket(WebChatSettings settings, Mailbox mailbox, Tabs tabs, Intake intake, LongSupplier nanos) {
        this.settings = settings;
        this.mailbox = mailbox;
        this.tabs = tabs;
        this.intake = intake;
        this.nanos = nanos;
    }

    void addTo(RoutesConfig routes) {
        routes.wsBeforeUpgrade(PATH, this::admit);
        routes.ws(PATH, this::socket);
    }

    private void admit(Context ctx) {
        String origin = ctx.header("Origin");
        String host = ctx.header("Host");
        if (origin == null || host == null || !settings.admits(origin, host)) {
            log.info("A page of origin {} asked for the chat, and is not among those that may have it", origin);
            throw new ForbiddenResponse("pages of this origin may not have the chat");
        }
    }

    private void socket(WsConfig socket) {
        socket.onConnect(connected -> {
            connected.session.setMaxTextMessageSize(LONGEST_FRAME);
            connected.session.setMaxBinaryMessageSize(LONGEST_FRAME);
            connected.session.setIdleTimeout(UNTIL_HELLO);
            connected.session.setMaxOutgoingFrames(MOST_UNREAD_FRAMES);
        });
        socket.onMessage(message -> hear(message.session, message.message()));
        socket.onBinaryMessage(message -> leave(message.session, NO_BINARY, "text only"));
        socket.onClose(closed -> forget(closed.session));
        socket.onError(failed -> forget(failed.session));
    }

    private void hear(Session session, String json) {
        Tab tab = greeted.get(session);
        Frame frame = Frame.read(json).orElse(null);
        if (tab == null) {
            if (frame instanceof Frame.Hello hello) {
                greet(session, hello);
            } else {
                leave(session, NOT_UNDERSTOOD, "a socket begins with a hello");
            }
        } else if (frame instanceof Frame.Say say) {
            take(tab, say);
        } else if (frame instanceof Frame.Shown shown && shown.place() <= tab.sentUpTo()) {
            note(tab, shown);
        } else if (frame instanceof Frame.Ping) {
            tab.tell(Frame.pong());
        } else {
            leave(session, NOT_UNDERSTOOD, "this is not understood here");
        }
    }

    private void greet(Session session, Frame.Hello hello) {
        Optional<Visitor> visitor = Visitor.withSecret(settings.tenant(), hello.secret());
        if (visitor.isEmpty()) {
            leave(session, NOT_UNDERSTOOD, "a visitor's secret is 256 bits in base64url");
            return;
        }
        Mailbox.Standing standing;
        try {
            standing = mailbox.standing(visitor.get());
        } catch (RuntimeException e) {
            log.warn("A visitor could not be greeted: {}", e.toString());
            leave(session, TRY_AGAIN_LATER, "the database does not answer; try again later");
            return;
        }
        Long after = hello.after();
        // A place that is yet to come is from before somebody put back a backup.
        long from = after != null && after <= standing.last() ? after : Math.max(0, standing.last() - LATEST);
        Tab tab = new Tab(
                session, visitor.get(), from, standing, mailbox, tabs.threads(), new Pace(AT_ONCE, A_SECOND, nanos));
        if (!tabs.add(tab)) {
            leave(session, TRY_AGAIN_LATER, "too many are here already; try again later");
            return;
        }
        greeted.put(session, tab);
        session.setIdleTimeout(IDLE);
        if (!session.isOpen()) {
            // It went while it was being greeted, and nobody will say so again.
            forget(session);
            return;
        }
        tab.tell(Frame.welcome(from, standing));
        tab.wake();
    }

    private void take(Tab tab, Frame.Say say) {
        if (say.text().isBlank()) {
            tab.tell(Frame.refused(say.id(), "empty"));
        } else if (say.text().codePointCount(0, say.text().length()) > WebChatChannel.MAX_TEXT) {
            tab.tell(Frame.refused(say.id(), "too-long"));
        } else if (!tab.mayWrite()) {
            tab.tell(Frame.again(say.id(), TOO_FAST_MILLIS));
        } else {
            try {
                intake.say(tab.visitor(), say);
            } catch (RuntimeException e) {
                log.warn(
                        "A message of {} may not be kept; it is asked for again: {}",
                        tab.visitor().address(),
                        e.toString());
                tab.tell(Frame.again(say.id(), TROUBLE_MILLIS));
                return;
            }
            tab.tell(Frame.stored(say.id()));
            tabs.wake(tab.visitor());
        }
    }

    private void note(Tab tab, Frame.Shown shown) {
        if (!tab.isNews(shown)) {
            return;
        }
        try {
            intake.shown(tab.visitor(), shown);
            tab.told(shown);
        } catch (RuntimeException e) {
            // The next one covers this one's messages, too.
            log.warn("What {} has been shown is not noted: {}", tab.visitor().address(), e.toString());
        }
    }

    private void forget(Session session) {
        Tab tab = greeted.remove(session);
        if (tab != null) {
            tabs.remove(tab);
        }
    }

    private static void leave(Session session, int code, String reason) {
        session.close(code, reason, Callback.NOOP);
    }
}
