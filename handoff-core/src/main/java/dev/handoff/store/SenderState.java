package dev.handoff.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all nodes know together of one sender: when it may send next, and whether its provider can be reached. Stores keep it
 * and change it by nothing but its own methods, each under the sender's lock or by compare-and-set, on the store's time.
 *
 * <p>When sends fail one after the other for reasons that say nothing of a message, and go on doing so for a while, the
 * circuit opens: one message tries at a time then, ever more rarely. So an outage costs each message time, and only its
 * time budget ends it. The first answer closes the circuit.
 *
 * <p>Immutable. When the store's clock is set back, the times in here lie ahead: what lies further ahead than it can have been
 * meant to does not count.
 *
 * @param nextAt when the next send may begin
 * @param restsUntil before this nothing is sent
 * @param failures how many sends have failed in a row
 * @param failingSince when the first of them did; null for none
 * @param pause how long the next pause between two tries is; zero while the circuit is closed
 */
public record SenderState(
        Instant nextAt,
        Instant restsUntil,
        int failures,
        @Nullable Instant failingSince,
        Duration pause) {

    /** A sender that has never sent. */
    public static final SenderState NEW = new SenderState(Instant.EPOCH, Instant.EPOCH, 0, null, Duration.ZERO);

    /**
     * How far ahead a sender's moments are given away. Where customers may be written to only later, the last of them lies up
     * to twice as far ahead. Longer would be fewer, larger claims; but what has a permit can no longer be taken back.
     */
    public static final Duration AHEAD = Duration.ofMillis(250);

    private static final int FAILURES_IN_A_ROW = 5;
    private static final Duration FOR_AT_LEAST = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration SLOWED_FOR = Duration.ofSeconds(2);
    private static final int REFUSALS_IN_A_ROW = 2;
    private static final Duration REFUSED_FOR = Duration.ofSeconds(1);

    /**
     * What a sender may send now.
     *
     * @param room how many messages at most
     * @param first when the first of them may begin
     * @param interval how long after it the next one may
     */
    public record Turn(int room, Instant first, Duration interval) {

        /**
         * When each of some messages may begin: an interval after the one before, and not before its own moment.
         *
         * @param moments when each one's customer may be written to, in the order in which they are to be sent
         */
        public List<Instant> begins(List<Instant> moments) {
            List<Instant> begins = new ArrayList<>();
            Instant next = first;
            for (Instant moment : moments) {
                Instant begin = later(next, moment);
                begins.add(begin);
                next = begin.plus(interval);
            }
            return begins;
        }
    }

    /** Whether its provider can be reached. */
    public SenderHealth health() {
        if (pause.isZero()) {
            return failures == 0 ? SenderHealth.WELL : SenderHealth.TROUBLED;
        }
        return SenderHealth.UNREACHABLE;
    }

    /**
     * What it may send now.
     *
     * @param now the store's time
     * @param interval the time between two sends; zero for none
     * @param most how many at most; 0 or less for none
     */
    public Turn turn(Instant now, Duration interval, int most) {
        if (most <= 0 || isAhead(restsUntil, now, LONGEST_PAUSE)) {
            return new Turn(0, now, interval);
        }
        if (health() == SenderHealth.UNREACHABLE) {
            return new Turn(1, now, interval);
        }
        Instant first = isAhead(nextAt, now, AHEAD.plus(interval).multipliedBy(2)) ? nextAt : now;
        if (interval.isZero()) {
            return new Turn(most, now, interval);
        }
        // Several at a time: whoever comes again for each single one asks the store far more often.
        if (first.isAfter(now.plus(AHEAD.dividedBy(2)))) {
            return new Turn(0, first, interval);
        }
        long fit = 1 + Duration.between(first, now.plus(AHEAD)).dividedBy(interval);
        return new Turn((int) Math.min(most, fit), first, interval);
    }

    /**
     * After permits were given.
     *
     * @param now the store's time
     * @param last when the last of them may begin
     * @param interval as in {@link #turn}
     */
    public SenderState gave(Instant now, Instant last, Duration interval) {
        Instant next = last.plus(interval);
        if (health() != SenderHealth.UNREACHABLE) {
            return new SenderState(next, restsUntil, failures, failingSince, pause);
        }
        Duration longer = pause.multipliedBy(2);
        return new SenderState(
                next,
                now.plus(pause),
                failures,
                failingSince,
                longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE);
    }

    /** After an attempt that says something of the sender. */
    public SenderState after(SenderContact.Kind contact, Instant now) {
        return switch (contact) {
            case UNTRIED -> health() == SenderHealth.UNREACHABLE ? untried(now) : this;
            case ANSWERED -> answered(now);
            case SLOWED -> answered(now).restingUntil(now.plus(SLOWED_FOR));
            case FAILED -> failed(now);
            case REFUSED -> refused(now);
        };
    }

    private SenderState untried(Instant now) {
        return new SenderState(nextAt, earlier(restsUntil, now), failures, failingSince, pause);
    }

    private SenderState answered(Instant now) {
        Instant rest = health() == SenderHealth.UNREACHABLE ? now : restsUntil;
        return new SenderState(nextAt, rest, 0, null, Duration.ZERO);
    }

    private SenderState failed(Instant now) {
        Instant since = failingSince == null ? now : earlier(failingSince, now);
        SenderState failed = new SenderState(nextAt, restsUntil, failures + 1, since, pause);
        boolean opens =
                pause.isZero() && failed.failures >= FAILURES_IN_A_ROW && !now.isBefore(since.plus(FOR_AT_LEAST));
        return opens ? failed.opened(now) : failed;
    }

    /** One may be a mistake of the provider's; of two in a row, the second says that all that waits would be lost. */
    private SenderState refused(Instant now) {
        SenderState failed = failed(now);
        boolean opens = failed.pause.isZero() && failed.failures >= REFUSALS_IN_A_ROW;
        return opens ? failed.opened(now) : failed.restingUntil(now.plus(REFUSED_FOR));
    }

    private SenderState opened(Instant now) {
        return new SenderState(nextAt, restsUntil, failures, failingSince, FIRST_PAUSE)
                .restingUntil(now.plus(FIRST_PAUSE));
    }

    private SenderState restingUntil(Instant until) {
        return new SenderState(nextAt, later(restsUntil, until), failures, failingSince, pause);
    }

    /** What lies further ahead than it can have been meant to is of a clock that was set back since. */
    private static boolean isAhead(Instant moment, Instant now, Duration atMost) {
        return moment.isAfter(now) && !moment.isAfter(now.plus(atMost));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
