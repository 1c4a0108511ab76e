package dev.handoff.testkit;

import dev.handoff.store.ConversationStore;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every {@link ConversationStore} promises, as tests. Subclass it once for each store, with
 * {@link ConversationStoreConcurrencyContract}:
 *
 * <pre>{@code
 * class MyStoreTest extends ConversationStoreContract {
 *     @Override
 *     protected ConversationStore newStore() {
 *         return new MyStore(emptyDatabase());
 *     }
 * }
 * }</pre>
 *
 * <p>The tests neither sleep nor ask for a clock that can be turned: leases and delays are either far too long to run out
 * or a few milliseconds, which {@link #letPass} waits for.
 */
public abstract class ConversationStoreContract
        implements CommitContract,
                SnapshotContract,
                FenceContract,
                PermitContract,
                SenderContract,
                AttemptContract,
                DeliveryReportContract,
                DeadLetterContract,
                SilenceContract,
                BotTurnContract,
                SweepContract,
                FeedContract,
                HistoryContract,
                RosterContract {
    private ConversationStore store;

    /** An empty store, ready to use. Called before each test. */
    protected abstract ConversationStore newStore();

    @BeforeEach
    final void beginWithAnEmptyStore() {
        store = newStore();
    }

    @Override
    public final ConversationStore store() {
        return store;
    }

    /**
     * Returns once the store's time has moved on by this, a few milliseconds. As it stands it watches the store's clock; a
     * store whose clock is in the test's hands turns it.
     */
    @Override
    public void letPass(Duration time) {
        Awaiting.timeToPass(store, time);
    }
}
