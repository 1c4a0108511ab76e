package dev.handoff.webchat.host;

import com.zaxxer.hikari.HikariDataSource;
import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.jdbi.H2Url;
import dev.handoff.jdbi.JdbiConversationStore;
import dev.handoff.jdbi.JdbiSchema;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.webchat.WebChat;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.session.NullSessionCache;
import org.eclipse.jetty.session.NullSessionDataStore;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole host, put together by hand: database, library, web chat, an agent's desk for curl, a page to try it on. */
final class WebChatHost implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WebChatHost.class);
    private static final int CONNECTIONS = 16;
    private static final long WAIT_MILLIS = 2_500;
    private static final String PAGE_POLICY =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HikariDataSource pool = new HikariDataSource();
    private final Jdbi jdbi;
    private final WebChat chat;
    private final Handoff handoff;
    private final Javalin javalin;

    WebChatHost(HostSettings settings) {
        configure(pool, settings);
        jdbi = Jdbi.create(pool);
        JdbiConversationStore store = JdbiConversationStore.on(jdbi);
        chat = WebChat.on(jdbi, store, settings.chat());
        handoff = Handoff.builder()
                .store(store)
                .channel(chat.channel())
                .bot(turn -> BotReply.text("echo: " + turn.text()))
                .build();
        Agent ana = new Agent(settings.chat().tenant(), "ana", AgentRole.AGENT, 50);
        javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.jetty.host = settings.host();
            config.jetty.port = settings.port();
            config.jetty.modifyServletContextHandler(context -> keepNoSessions(context.getSessionHandler()));
            chat.addTo(config.routes, handoff);
            new AgentRoutes(handoff, ana, settings.agentToken()).addTo(config.routes);
            config.routes.get("/", WebChatHost::page);
        });
    }

    private static void configure(HikariDataSource pool, HostSettings settings) {
        boolean h2 = settings.jdbcUrl().startsWith("jdbc:h2:");
        pool.setPoolName("webchat");
        // The host closes the database when its workers have ended; H2's own hook would close it under their hands.
        pool.setJdbcUrl(h2 ? H2Url.durable(settings.jdbcUrl()) + ";DB_CLOSE_ON_EXIT=FALSE" : settings.jdbcUrl());
        if (!settings.dbUser().isEmpty()) {
            pool.setUsername(settings.dbUser());
            pool.setPassword(settings.dbPassword());
        }
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setConnectionTimeout(WAIT_MILLIS);
        pool.setInitializationFailTimeout(-1);
        if (h2) {
            // The mailbox writes to the same file as the store: see H2Url.durable. H2 closes with its last connection.
            pool.setMaximumPoolSize(1);
            pool.setMaxLifetime(0);
        } else {
            // Below the lease of an attempt to send; what the URL says goes before these.
            pool.addDataSourceProperty("connectTimeout", "2");
            pool.addDataSourceProperty("socketTimeout", "8");
            pool.addDataSourceProperty("tcpKeepAlive", "true");
        }
    }

    /** Javalin asks for a session at each WebSocket handshake, refused ones too, and Jetty would keep them all for ever. */
    private static void keepNoSessions(SessionHandler sessions) {
        NullSessionCache none = new NullSessionCache(sessions);
        none.setSessionDataStore(new NullSessionDataStore());
        sessions.setSessionCache(none);
        sessions.setUsingCookies(false);
    }

    /** Makes the tables that are missing, begins to work, and listens. */
    void start() {
        JdbiSchema.of(jdbi).migrate();
        chat.migrate();
        handoff.start();
        chat.start();
        javalin.start();
    }

    /** The port that it listens on. */
    int port() {
        return javalin.port();
    }

    /** In this order: sends visitors away, ends requests, then the library's workers, then the pool. */
    @Override
    public void close() {
        closeQuietly("chat", chat);
        closeQuietly("server", javalin::stop);
        closeQuietly("library", handoff);
        closeQuietly("pool", pool);
    }

    private static void closeQuietly(String what, AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            log.warn("The {} did not close in order", what, e);
        }
    }

    private static void page(Context ctx) {
        try (InputStream page = WebChatHost.class.getResourceAsStream("shop.html")) {
            ctx.header("Content-Security-Policy", PAGE_POLICY);
            ctx.header("Cache-Control", "no-store");
            ctx.contentType("text/html; charset=utf-8");
            ctx.result(Objects.requireNonNull(page, "shop.html").readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read shop.html from the jar", e);
        }
    }
}
