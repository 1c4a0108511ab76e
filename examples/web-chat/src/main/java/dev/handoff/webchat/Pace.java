package dev.handoff.webchat;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How fast one tab may write: so many messages at once, then so many a second. For one thread at a time. */
final class Pace {
    private final double most;
    private final double perSecond;
    private final LongSupplier nanos;
    private double left;
    private long at;

    Pace(int most, double perSecond, LongSupplier nanos) {
        this.most = most;
        this.perSecond = perSecond;
        this.nanos = nanos;
        this.left = most;
        this.at = nanos.getAsLong();
    }

    /** Whether one more may come now. A refusal costs nothing: who keeps trying gets on all the same. */
    boolean allows() {
        long now = nanos.getAsLong();
        left = Math.min(most, left + (now - at) * perSecond / TimeUnit.SECONDS.toNanos(1));
        at = now;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
