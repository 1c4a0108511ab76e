package dev.handoff.webchat;

import dev.handoff.Handoff;
import dev.handoff.channel.Channel;
import dev.handoff.jdbi.JdbiConversationStore;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jdbi.v3.core.Jdbi;

/**
 * Web chat for a host: give {@link #channel()} to {@code Handoff.builder()}, add the routes to Javalin, and
 * {@link #start()}. Any number of nodes may serve the same visitors. Thread-safe.
 */
public final class WebChat implements AutoCloseable {
    private final Jdbi jdbi;
    private final JdbiConversationStore store;
    private final WebChatSettings settings;
    private final Mailbox mailbox;
    private final Tabs tabs;
    private final WebChatChannel channel;

    private WebChat(Jdbi jdbi, JdbiConversationStore store, WebChatSettings settings) {
        this.jdbi = jdbi;
        this.store = store;
        this.settings = settings;
        this.mailbox = new Mailbox(jdbi);
        this.tabs = new Tabs(settings.tenant(), mailbox);
        this.channel = new WebChatChannel(jdbi, mailbox, tabs::wake, System::nanoTime);
    }

    /**
     * The chat of this database. Opens nothing.
     *
     * @param jdbi reaches the database of the store
     */
    public static WebChat on(Jdbi jdbi, JdbiConversationStore store, WebChatSettings settings) {
        return new WebChat(jdbi, store, settings);
    }

    /** Makes the chat's own tables, where they are missing. */
    public void migrate() {
        mailbox.migrate();
    }

    /** The channel, for {@code Handoff.builder()}. */
    public Channel channel() {
        return channel;
    }

    /** The script for the pages, and the socket that it opens. */
    public void addTo(RoutesConfig routes, Handoff handoff) {
        byte[] script = script();
        routes.get("/webchat/widget.js", ctx -> answer(ctx, script));
        Intake intake = new Intake(jdbi, store, handoff, mailbox, settings.inbox());
        new ChatSocket(settings, mailbox, tabs, intake, System::nanoTime).addTo(routes);
    }

    /** Begins to look for what other nodes send to visitors who are connected here. */
    public void start() {
        tabs.start();
    }

    /** Sends all visitors away, to come back on another node; before the server and the library are closed. */
    @Override
    public void close() {
        tabs.close();
    }

    private static void answer(Context ctx, byte[] script) {
        ctx.contentType("text/javascript; charset=utf-8");
        ctx.header("Cache-Control", "public, max-age=300");
        ctx.header("X-Content-Type-Options", "nosniff");
        // Pages that isolate themselves take scripts of other origins only with this.
        ctx.header("Cross-Origin-Resource-Policy", "cross-origin");
        ctx.result(script);
    }

    private static byte[] script() {
        try (InputStream script = WebChat.class.getResourceAsStream("widget.js")) {
            return Objects.requireNonNull(script, "widget.js").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read widget.js from the jar", e);
        }
    }
}
