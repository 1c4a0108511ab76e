package dev.handoff.webchat.host;

import dev.handoff.webchat.WebChatSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the operator may set; the runner's names where the runner has the same setting.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free one
 * @param chat whose chat, for which pages
 * @param agentToken what the agent shows as a bearer token
 * @param demo whether the token was made up for a first look, so that it is to be printed
 */
record HostSettings(
        String host,
        int port,
        String jdbcUrl,
        String dbUser,
        String dbPassword,
        WebChatSettings chat,
        String agentToken,
        boolean demo) {
    private static final int SHORTEST_TOKEN = 16;
    private static final int HIGHEST_PORT = 65_535;

    /** Without what is secret. */
    @Override
    public String toString() {
        return "HostSettings[" + host + ":" + port + ", " + jdbcUrl.replaceAll("(?i)(password=)[^&;]*", "$1***") + "]";
    }

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    static HostSettings from(Map<String, String> environment) {
        String host = text(environment, "HANDOFF_HOST", "127.0.0.1");
        String url = text(environment, "HANDOFF_JDBC_URL", "jdbc:h2:file:./data/webchat");
        boolean h2 = url.startsWith("jdbc:h2:");
        if (!h2 && !url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("HANDOFF_JDBC_URL must begin with jdbc:postgresql: or jdbc:h2:");
        }
        String token = optional(environment, "WEBCHAT_AGENT_TOKEN");
        if (token == null && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "WEBCHAT_AGENT_TOKEN must be set when HANDOFF_HOST is not a loopback address");
        }
        if (token != null && token.length() < SHORTEST_TOKEN) {
            throw new IllegalArgumentException("WEBCHAT_AGENT_TOKEN has fewer than " + SHORTEST_TOKEN + " characters");
        }
        return new HostSettings(
                host,
                port(text(environment, "HANDOFF_PORT", "7080")),
                url,
                text(environment, "HANDOFF_DB_USER", h2 ? "sa" : ""),
                text(environment, "HANDOFF_DB_PASSWORD", ""),
                WebChatSettings.of(origins(text(environment, "WEBCHAT_ORIGINS", ""))),
                token == null ? newToken() : token,
                token == null);
    }

    private static Set<String> origins(String list) {
        Set<String> origins = new LinkedHashSet<>();
        for (String origin : list.split(",", -1)) {
            if (!origin.isBlank()) {
                origins.add(origin.strip());
            }
        }
        return origins;
    }

    private static int port(String number) {
        try {
            int port = Integer.parseInt(number);
            if (port >= 0 && port <= HIGHEST_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // told below, together with a number out of range
        }
        throw new IllegalArgumentException("HANDOFF_PORT must be a number from 0 to 65535, not '" + number + "'");
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("HANDOFF_HOST '" + host + "' cannot be resolved", e);
        }
    }

    private static String newToken() {
        byte[] token = new byte[24];
        new SecureRandom().nextBytes(token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    private static String text(Map<String, String> environment, String name, String otherwise) {
        String value = optional(environment, name);
        return value == null ? otherwise : value;
    }

    /** A blank variable counts as unset: that is how container files pass on what nobody has set. */
    private static @Nullable String optional(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
