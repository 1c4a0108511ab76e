package dev.handoff.store;

import dev.handoff.model.Conversation;
import java.util.UUID;

/**
 * A claimed turn of the bot.
 *
 * @param conversation as it was when the turn was claimed: its epoch and inbound place fence the reply
 * @param token names this claim
 * @param attempt which claim of this turn, from 1; claims whose process died count too
 */
public record BotWork(Conversation conversation, UUID token, int attempt) {}
