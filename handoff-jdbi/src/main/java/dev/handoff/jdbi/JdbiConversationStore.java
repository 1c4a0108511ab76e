package dev.handoff.jdbi;

import dev.handoff.channel.SilentMessage;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.HostTransaction;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.Snapshot;
import dev.handoff.store.UnresolvedAttempt;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * A store on PostgreSQL (15 and later) or H2 (2.x), reached through the host's Jdbi. The tables are {@link JdbiSchema}'s.
 * Thread-safe, and safe for any number of processes on one database.
 *
 * <p>Every call takes a connection of its own from the host's pool, works in READ COMMITTED and gives it back; none is
 * held between calls. To write together with the host's own work, {@linkplain #join join} its transaction.
 *
 * <p>To an H2 file one transaction of a store writes at a time; why, and what that asks of a host that writes to it, too,
 * {@link H2Url#durable} says.
 *
 * <p>Time is PostgreSQL's; H2 lives in the process, and so does its time. The database's session time zone does not matter.
 */
public final class JdbiConversationStore extends RoomsStore {
    /** How long a transaction of the store's own waits for a row's lock where the host says nothing: 2 seconds. */
    public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(2);

    /**
     * How long PostgreSQL lets a transaction of the store's own sit idle, which happens only when this process hangs or
     * is cut off, where the host says nothing: 10 seconds.
     */
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(10);

    private final Jdbi jdbi;
    private final Builder settings;

    /** The store's and not its rooms': of those, racing threads make several, and two turns are none. */
    private final OneWriter oneWriter;

    /** Known once the database has been asked what it is. Racing threads make equal ones. */
    private volatile @Nullable Rooms rooms;

    private JdbiConversationStore(Builder settings) {
        this.jdbi = settings.jdbi;
        this.settings = settings;
        this.oneWriter = new OneWriter(settings.lockTimeout);
    }

    /** A store with all defaults. Opens nothing: the database is first asked when the store is first used. */
    public static JdbiConversationStore on(Jdbi jdbi) {
        return builder(jdbi).build();
    }

    /** A store with settings of its own. */
    public static Builder builder(Jdbi jdbi) {
        return new Builder(Objects.requireNonNull(jdbi, "jdbi"));
    }

    /** Settings of a store; each has a default. Not thread-safe. */
    public static final class Builder {
        private final Jdbi jdbi;
        private String prefix = JdbiSchema.DEFAULT_PREFIX;
        private Duration lockTimeout = DEFAULT_LOCK_TIMEOUT;
        private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
        private InstantSource clock = InstantSource.system();

        private Builder(Jdbi jdbi) {
            this.jdbi = jdbi;
        }

        private Builder(Builder other) {
            this(other.jdbi);
            prefix = other.prefix;
            lockTimeout = other.lockTimeout;
            idleTimeout = other.idleTimeout;
            clock = other.clock;
        }

        /** The prefix of all tables, {@value JdbiSchema#DEFAULT_PREFIX} by default; see {@link JdbiSchema#of(Jdbi, String)}. */
        public Builder tablePrefix(String prefix) {
            this.prefix = JdbiSchema.checked(prefix);
            return this;
        }

        /**
         * How long to wait for a row that somebody else has locked, on PostgreSQL; then the transaction is tried again, a
         * few times. What many callers wait for ({@link #commit}) waits for a tenth of a second at most, and once.
         *
         * <p>On H2 the connection's own {@code LOCK_TIMEOUT} holds for both: it is a setting of the session, and stays as
         * the host has chosen it. There, {@link #commit} waits that long for each lock, and only once. On an H2 file this
         * is how long a transaction waits for its turn to write, before the store is told as unavailable.
         */
        public Builder lockTimeout(Duration timeout) {
            this.lockTimeout = positive("lockTimeout", timeout);
            return this;
        }

        /** After what idle time PostgreSQL ends a transaction of the store's own, so that its locks do not stay. */
        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = positive("idleTimeout", timeout);
            return this;
        }

        /** The time on H2, the system's by default. PostgreSQL has its own, and does not look at this. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** The store; opens nothing. */
        public JdbiConversationStore build() {
            return new JdbiConversationStore(new Builder(this));
        }

        private static Duration positive(String name, Duration value) {
            if (value.toMillis() < 1) {
                throw new IllegalArgumentException(name + " must be a millisecond or more, not " + value);
            }
            return value;
        }
    }

    @Override
    Rooms rooms() {
        Rooms known = rooms;
        if (known != null) {
            return known;
        }
        try (Handle handle = jdbi.open()) {
            return rooms(handle);
        } catch (RuntimeException failure) {
            throw Failures.told(failure);
        }
    }

    /** What kind of database this is, every connection to it knows. */
    private Rooms rooms(Handle handle) {
        Rooms known = rooms;
        if (known == null) {
            Sql sql = new Sql(JdbiSchema.dialectOf(handle), settings.prefix, settings.clock);
            OneWriter writers = !sql.isPostgres() && H2Durability.isFile(handle) ? oneWriter : null;
            known = Rooms.in(new OwnTransactions(jdbi, sql, writers, settings.lockTimeout, settings.idleTimeout), sql);
            rooms = known;
        }
        return known;
    }

    /** The schema that this store needs: to verify it, to migrate it, or to read its scripts. */
    public JdbiSchema schema() {
        return JdbiSchema.of(jdbi, settings.prefix);
    }

    /**
     * The store inside a transaction that the host has open: what is committed through it is committed with the host's
     * own work, or not at all. It uses this handle alone, so it can be used only where the handle can: in one thread,
     * until the transaction is over. Each change set is written by itself, with the locks held until the host commits, so
     * a short transaction is a kindness to everybody else. A {@link dev.handoff.store.StoreUnavailableException} means
     * that the host must roll back.
     *
     * <p>Nobody is told of anything before the host has committed; that needs a commit through the handle
     * ({@code handle.commit()}, {@code inTransaction}), not through the connection behind Jdbi's back.
     *
     * @throws IllegalStateException when no transaction is open, or its isolation is not READ COMMITTED: a command that
     *     lost a race could then not see what it lost to
     */
    public HostTransaction join(Handle handle) {
        if (!handle.isInTransaction()) {
            throw new IllegalStateException(
                    "no transaction is open on this handle; begin one, or use the store itself");
        }
        requireReadCommitted(handle);
        // Asked of the host's connection, for a pool of one has no other.
        Sql sql = rooms(handle).sql();
        ConversationStore joined = new JoinedStore(Rooms.in(new HostHandle(handle), sql));
        return new HostTransaction() {
            @Override
            public ConversationStore store() {
                return joined;
            }

            @Override
            public void afterCommit(Runnable action) {
                handle.afterCommit(action);
            }
        };
    }

    private static void requireReadCommitted(Handle handle) {
        try {
            if (handle.getConnection().getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
                throw new IllegalStateException(
                        "the host's transaction must be READ COMMITTED for the store to join it;"
                                + " begin it with TransactionIsolationLevel.READ_COMMITTED");
            }
        } catch (SQLException failure) {
            throw Failures.told(new DatabaseException(failure));
        }
    }

    @Override
    public void verify() {
        schema().verify();
    }

    @Override
    public List<ChangeSet> sweep(int limit, Function<Snapshot, Optional<ChangeSet>> decide) {
        return rooms().sweep().sweep(limit, decide);
    }

    @Override
    public List<BotWork> claimBotTurns(int limit, Duration lease) {
        return rooms().botTurns().claim(limit, lease);
    }

    @Override
    public void renewBotTurns(Collection<BotWork> turns, Duration lease) {
        rooms().botTurns().renew(turns, lease);
    }

    @Override
    public List<OutboundPermit> claimPermits(PermitRequest request) {
        return rooms().dispatch().claimPermits(request);
    }

    @Override
    public void recordContacts(List<SenderContact> contacts) {
        rooms().dispatch().recordContacts(contacts);
    }

    @Override
    public void recordResults(List<AttemptResult> results) {
        rooms().dispatch().recordResults(results);
    }

    @Override
    public List<SilentMessage> claimSilent(int limit, Duration silence) {
        return rooms().silentMessages().claim(limit, silence);
    }

    @Override
    public int expireLeases(int limit) {
        return rooms().dispatch().expireLeases(limit);
    }

    @Override
    public List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease) {
        return rooms().dispatch().claimUnresolved(limit, lease);
    }

    @Override
    public int sequenceFeed(int limit) {
        return rooms().feed().sequence(limit);
    }
}
