package dev.handoff.runner.feed;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.http.Gate;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.QueryParams;
import dev.handoff.runner.http.Routes;
import dev.handoff.store.Feed.FeedEntry;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsConnectContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The feed, as pages to poll and as a WebSocket. */
public final class FeedRoutes implements Routes {
    private static final String WEBSOCKET = "/ws/events";
    private static final String AGENT = "handoff.feed.agent";
    private static final String CURSOR = "handoff.feed.cursor";
    private static final long PING_SECONDS = 20;

    private final FeedSource source;
    private final FeedHub hub;
    private final Gate gate;
    private final Tickets tickets = new Tickets(System::nanoTime);

    public FeedRoutes(FeedSource source, FeedHub hub, Gate gate) {
        this.source = source;
        this.hub = hub;
        this.gate = gate;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/events", this::page);
        routes.post("/api/ws-ticket", this::ticket);
        routes.wsBeforeUpgrade(WEBSOCKET, this::admit);
        routes.ws(WEBSOCKET, this::socket);
    }

    private void page(Context ctx) {
        long after = QueryParams.after(ctx);
        List<FeedEntry> entries = source.after(after, QueryParams.limit(ctx, 200, 1_000));
        ObjectNode json = Json.object();
        ArrayNode items = json.putArray("items");
        entries.forEach(entry -> items.add(JsonEvent.of(entry)));
        json.put(
                "cursor",
                entries.isEmpty() ? after : entries.get(entries.size() - 1).cursor());
        Json.answer(ctx, 200, json);
    }

    private void ticket(Context ctx) {
        ObjectNode json = Json.object();
        json.put("ticket", tickets.issue(Bearer.agent(ctx).id()));
        json.put("expiresInSeconds", Tickets.LIFETIME.toSeconds());
        Json.answer(ctx, 201, json);
    }

    /** Before the upgrade, so that a wrong ticket is an HTTP answer that programs can read. */
    private void admit(Context ctx) {
        gate.requireOpen();
        requireUri(ctx);
        long after = QueryParams.after(ctx);
        String ticket = QueryParams.text(ctx, "ticket");
        String agentId = ticket == null ? null : tickets.take(ticket).orElse(null);
        if (agentId == null) {
            throw new Problem(401, "bad-ticket", "a fresh ticket from POST /api/ws-ticket is needed", null);
        }
        ctx.attribute(AGENT, agentId);
        ctx.attribute(CURSOR, after);
    }

    /** Jetty reads the address of a handshake once more, as a strict URI, and fails on what HTTP lets pass. */
    private static void requireUri(Context ctx) {
        String query = ctx.queryString();
        try {
            new URI(ctx.url() + (query == null ? "" : "?" + query));
        } catch (URISyntaxException e) {
            throw Problem.unreadable("the address is not a URI");
        }
    }

    private void socket(WsConfig socket) {
        socket.onConnect(this::connected);
        socket.onClose(closed -> hub.remove(closed.session));
        // The client has nothing to say; what it sends anyway is not read.
        socket.onError(failed -> hub.remove(failed.session));
    }

    private void connected(WsConnectContext client) {
        String agentId = Objects.requireNonNull(client.attribute(AGENT));
        Long cursor = Objects.requireNonNull(client.attribute(CURSOR));
        client.enableAutomaticPings(PING_SECONDS, TimeUnit.SECONDS);
        if (!hub.add(client.session, agentId, cursor)) {
            client.closeSession(FeedClient.TRY_AGAIN_LATER, "too many listen already; try again later");
        }
    }
}
