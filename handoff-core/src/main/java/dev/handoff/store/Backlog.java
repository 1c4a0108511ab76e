package dev.handoff.store;

/**
 * What waits to be sent from one inbox.
 *
 * @param sender the inbox
 * @param messages how many wait: for their turn, for the pace, for a retry
 */
public record Backlog(SenderId sender, long messages) {}
