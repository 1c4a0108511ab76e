package dev.handoff.runner.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.http.RequestLogger;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.session.NullSessionCache;
import org.eclipse.jetty.session.NullSessionDataStore;

/** The HTTP server: Javalin, with every route behind the same {@link Door}. */
public final class RunnerServer implements AutoCloseable {
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(5);
    private static final Duration WEBSOCKET_IDLE = Duration.ofSeconds(60);
    private static final int LONGEST_FRAME_FROM_CLIENT = 4096;

    private final Javalin javalin;

    public RunnerServer(
            String host, int port, Authentication agents, Gate gate, RequestLogger requests, List<Routes> routes) {
        Door door = new Door(agents, gate);
        this.javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.router.ignoreTrailingSlashes = false;
            config.http.prefer405over404 = true;
            config.http.compressionStrategy = CompressionStrategy.NONE;
            config.http.defaultContentType = "application/json";
            config.jetty.host = host;
            config.jetty.port = port;
            config.jetty.modifyServer(server -> {
                // Requests that are being served may end; new ones are refused meanwhile.
                server.insertHandler(new GracefulHandler());
                server.setStopTimeout(LAST_REQUESTS.toMillis());
                server.setErrorHandler(new JettyErrors());
            });
            config.jetty.modifyHttpConfiguration(http -> {
                http.setSendServerVersion(false);
                http.setUriCompliance(UriCompliance.UNSAFE);
                // By default Jetty answers a header that differs in case alone from one that this connection sent
                // before with the earlier one: tokens and signatures would no longer be what was sent.
                http.setHeaderCacheCaseSensitive(true);
            });
            // An id with an encoded slash is an unknown id (404), and is judged by the route that reads it.
            config.jetty.modifyServletContextHandler(context -> {
                context.getServletHandler().setDecodeAmbiguousURIs(true);
                keepNoSessions(context.getSessionHandler());
            });
            config.jetty.modifyWebSocketServletFactory(factory -> {
                factory.setIdleTimeout(WEBSOCKET_IDLE);
                factory.setMaxTextMessageSize(LONGEST_FRAME_FROM_CLIENT);
                factory.setMaxBinaryMessageSize(LONGEST_FRAME_FROM_CLIENT);
            });
            config.requestLogger.http(requests);
            config.routes.before(door::pass);
            Problems.install(config.routes);
            routes.forEach(some -> some.addTo(config.routes));
        });
    }

    /** Javalin asks for a session at each WebSocket handshake, refused ones too, and Jetty would keep them all for ever. */
    private static void keepNoSessions(SessionHandler sessions) {
        NullSessionCache none = new NullSessionCache(sessions);
        none.setSessionDataStore(new NullSessionDataStore());
        sessions.setSessionCache(none);
        sessions.setUsingCookies(false);
    }

    /** Listens. */
    public void start() {
        javalin.start();
    }

    /** The port that it listens on. */
    public int port() {
        return javalin.port();
    }

    /** Accepts nothing more, lets requests under way end for a moment, then stops. */
    @Override
    public void close() {
        javalin.stop();
    }
}
