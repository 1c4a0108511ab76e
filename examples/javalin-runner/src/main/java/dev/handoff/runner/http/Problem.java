package dev.handoff.runner.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** A refusal, on its way to the caller as {@code application/problem+json} (RFC 9457). */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final transient @Nullable ObjectNode conversation;

    /**
     * @param type what went wrong, as a word that programs can tell apart, for example {@code stale-epoch}
     * @param detail what went wrong, as a sentence for people
     * @param conversation the present snapshot where the refusal concerns one
     */
    public Problem(int status, String type, String detail, @Nullable ObjectNode conversation) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
        this.conversation = conversation;
    }

    /** 400: what was sent cannot be read. */
    public static Problem unreadable(String detail) {
        return new Problem(400, "unreadable", detail, null);
    }

    /** 404: there is no such thing, or it is not ours. */
    public static Problem notFound(String detail) {
        return new Problem(404, "not-found", detail, null);
    }

    /** 404: the address itself leads nowhere. */
    static Problem nothingHere() {
        return notFound("there is nothing at this address");
    }

    /** 413: more was sent than is taken. */
    public static Problem tooLarge(int limit) {
        return new Problem(413, "too-large", "the body is over " + limit + " bytes", null);
    }

    /** 503: the same request may succeed a moment later. */
    public static Problem unavailable(String detail) {
        return new Problem(503, "unavailable", detail, null);
    }

    public int status() {
        return status;
    }

    String type() {
        return type;
    }

    @Nullable
    ObjectNode conversation() {
        return conversation;
    }
}
