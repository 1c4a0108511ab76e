package dev.handoff.policy;

import dev.handoff.model.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How long anyone waits, and what happens then. Every open conversation has a deadline, and every deadline an exit (I5).
 *
 * @param customerSilent how long the customer may be silent while the bot has control before the conversation expires;
 *     24 hours by default
 * @param waiting how long a conversation may wait for an agent; 5 minutes by default
 * @param waitingAction what happens then: {@link DeadlineAction#RELEASE} by default, or {@link DeadlineAction#ESCALATE}
 * @param agentSilent how long the agent who holds a conversation may be silent, counted from the assignment or the
 *     agent's last action; 10 minutes by default
 * @param agentSilentAction what happens then; {@link DeadlineAction#REQUEUE} by default
 * @param warnAt which part of the time in a human stretch has passed when a {@code deadline_warning} is given; 0.8 by
 *     default, 1 for no warning
 * @param windowWarning how long before a channel's session window closes the humans who have to do with a conversation are
 *     warned, once a window; 1 hour by default, zero for no warning
 */
public record Deadlines(
        Duration customerSilent,
        Duration waiting,
        DeadlineAction waitingAction,
        Duration agentSilent,
        DeadlineAction agentSilentAction,
        double warnAt,
        Duration windowWarning) {

    private static final Duration LONGEST = Duration.ofDays(3650);

    /** The defaults that are named at the parameters. */
    public static Deadlines defaults() {
        return new Deadlines(
                Duration.ofHours(24),
                Duration.ofMinutes(5),
                DeadlineAction.RELEASE,
                Duration.ofMinutes(10),
                DeadlineAction.REQUEUE,
                0.8,
                Duration.ofHours(1));
    }

    /** With another time for the silent customer. */
    public Deadlines customerSilent(Duration after) {
        return new Deadlines(after, waiting, waitingAction, agentSilent, agentSilentAction, warnAt, windowWarning);
    }

    /** With another time and exit for the waiting conversation. */
    public Deadlines waiting(Duration after, DeadlineAction action) {
        return new Deadlines(customerSilent, after, action, agentSilent, agentSilentAction, warnAt, windowWarning);
    }

    /** With another time and exit for the silent agent. */
    public Deadlines agentSilent(Duration after, DeadlineAction action) {
        return new Deadlines(customerSilent, waiting, waitingAction, after, action, warnAt, windowWarning);
    }

    /** With another time for the warning before a session window closes; zero for none. */
    public Deadlines windowWarning(Duration before) {
        return new Deadlines(customerSilent, waiting, waitingAction, agentSilent, agentSilentAction, warnAt, before);
    }

    /** Back to the bot, with an apology. */
    public static DeadlineAction thenRelease() {
        return DeadlineAction.RELEASE;
    }

    /** Back to the queue. */
    public static DeadlineAction thenRequeue() {
        return DeadlineAction.REQUEUE;
    }

    /** To a supervisor, once. */
    public static DeadlineAction thenEscalate() {
        return DeadlineAction.ESCALATE;
    }

    /** The deadline of this kind for a state that begins now. */
    public Deadline from(Deadline.Kind kind, Instant now) {
        Duration after = switch (kind) {
            case CUSTOMER_SILENT -> customerSilent;
            case WAITING -> waiting;
            case AGENT_SILENT -> agentSilent;
        };
        boolean warn = kind != Deadline.Kind.CUSTOMER_SILENT && warnAt < 1;
        Instant warning = now.plusMillis(Math.round(after.toMillis() * warnAt));
        return new Deadline(kind, now.plus(after), warn ? warning : null);
    }

    /** All that is wrong with these settings; empty when nothing is. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        checkTime("customerSilent", customerSilent, problems);
        checkTime("waiting", waiting, problems);
        checkTime("agentSilent", agentSilent, problems);
        if (waitingAction == DeadlineAction.REQUEUE) {
            problems.add("deadlines.waitingAction: requeue would leave the customer waiting for ever;"
                    + " use release or escalate");
        }
        if (!(warnAt > 0 && warnAt <= 1)) {
            problems.add("deadlines.warnAt: must be above 0 and at most 1, not " + warnAt);
        }
        if (windowWarning.isNegative() || windowWarning.compareTo(LONGEST) > 0) {
            problems.add("deadlines.windowWarning: must be zero or above, and at most " + LONGEST + ", not "
                    + windowWarning);
        }
        return problems;
    }

    private static void checkTime(String name, Duration time, List<String> problems) {
        if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
            problems.add("deadlines." + name + ": must be above zero and at most " + LONGEST + ", not " + time);
        }
    }
}
