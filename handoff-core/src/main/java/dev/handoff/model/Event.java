package dev.handoff.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened: the audit record, and what the feed carries.
 *
 * @param tenant whose it is
 * @param conversation which conversation it concerns; null when none
 * @param seq its place in the conversation, dense from 1; null for what is not part of that sequence (delivery updates)
 * @param type what happened
 * @param actor who brought it about, as {@code Actor} gives it
 * @param at when
 * @param data details: {@code from}, {@code to}, {@code reason} for changes of control; {@code messageId}, {@code owner}
 *     for messages
 */
public record Event(
        String tenant,
        @Nullable ConversationId conversation,
        @Nullable Long seq,
        EventType type,
        String actor,
        Instant at,
        Map<String, String> data) {}
