package dev.handoff.runner.agents;

import dev.handoff.model.Agent;
import dev.handoff.runner.http.Authentication;
import dev.handoff.runner.http.Problem;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Knows agents by their bearer tokens. Only digests of the tokens are kept, and all are compared each time, so that
 * neither memory nor time tells anything about them. Thread-safe.
 */
public final class Bearer implements Authentication {
    private static final String SCHEME = "Bearer ";
    private static final String ATTRIBUTE = "handoff.agent";

    private record Known(byte[] digest, Agent agent) {}

    private final List<Known> known;

    private Bearer(List<Known> known) {
        this.known = known;
    }

    /** An agent and the token by which they are known. */
    public record Credential(Agent agent, String token) {}

    public static Bearer of(List<Credential> credentials) {
        return new Bearer(credentials.stream()
                .map(credential -> new Known(digest(credential.token()), credential.agent()))
                .toList());
    }

    @Override
    public String authenticate(Context ctx) {
        Agent agent = find(ctx.header("Authorization"));
        if (agent == null) {
            throw new Problem(401, "unauthenticated", "an agent's token is needed: Authorization: Bearer …", null);
        }
        ctx.attribute(ATTRIBUTE, agent);
        return agent.id();
    }

    /** The agent whom {@link #authenticate} found for this request. */
    public static Agent agent(Context ctx) {
        return Objects.requireNonNull(ctx.<Agent>attribute(ATTRIBUTE), "this route is not behind the door");
    }

    private @Nullable Agent find(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        byte[] given = digest(header.substring(SCHEME.length()).strip());
        Agent found = null;
        for (Known one : known) {
            if (MessageDigest.isEqual(one.digest(), given)) {
                found = one.agent();
            }
        }
        return found;
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
