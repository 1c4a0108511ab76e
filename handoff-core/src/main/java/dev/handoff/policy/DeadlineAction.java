package dev.handoff.policy;

/** What is done when a human stretch has lasted too long. */
public enum DeadlineAction {
    /** Back to the bot, with an apology. */
    RELEASE,
    /** Back to the queue, so that another agent can take it. */
    REQUEUE,
    /** To the queue {@code supervisor}, once; the next time, back to the bot with an apology. */
    ESCALATE
}
