package dev.handoff.jdbi;

import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.Backlog;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.store.UnresolvedAttempt;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Permits to send, and what came of them. They touch the senders and the outbox (with its attempts, and the feed's waiting
 * room) and never the conversation, so that dispatching does not stand in the way of receiving.
 */
abstract class Dispatch {
    private static final Logger log = LoggerFactory.getLogger(Dispatch.class);

    /** How long one call waits for rows that others hold, all of them together: a worker's other results wait as long. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    static final String LEASE_OVER = "the attempt's lease ran out without a result";

    /**
     * The first open message from its inbox to its customer, and no other of them is out. An ended conversation's come
     * before the next one's, whose id is later; any order would do that all nodes agree on. (A dead letter that an
     * operator queues again stands before messages that came later, one of which may be out.) Were two out that say the
     * same, a look-up could take one for the other. {@code OFFSET 0} keeps PostgreSQL from making a join of it, which reads
     * the whole outbox when there is much of it; this is one probe a row.
     */
    static final String IS_HEAD = """
            NOT EXISTS (
                SELECT 1 FROM ${p}outbox e
                WHERE e.customer = o.customer AND e.tenant = o.tenant AND e.channel = o.channel AND e.inbox = o.inbox
                    AND e.state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN')
                    AND (e.state <> 'QUEUED' OR (e.conversation, e.seq) < (o.conversation, o.seq))
                ${once})""";

    private static final String BOUND_ELSEWHERE = """
            SELECT a.provider_id
            FROM ${p}conversation c
            JOIN ${p}attempt a ON a.tenant = c.tenant AND a.conversation = c.id
            WHERE c.tenant = :tenant AND c.customer = :customer AND c.channel = :channel
                AND a.provider_id IS NOT NULL AND a.token <> :token
            ORDER BY a.attempted_at DESC
            LIMIT 1000
            """;

    protected final Transactions transactions;
    protected final Sql sql;
    protected final Senders senders;

    Dispatch(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
        this.senders = new Senders(sql);
    }

    static Dispatch on(Transactions transactions, Sql sql) {
        return sql.isPostgres() ? new PostgresDispatch(transactions, sql) : new H2Dispatch(transactions, sql);
    }

    abstract List<OutboundPermit> claimPermits(PermitRequest request);

    final List<Backlog> backlogs() {
        return transactions.autocommit(senders::backlogs);
    }

    /** Keeps what attempts have said of their senders, each sender in a transaction: no two rows are locked by one. */
    final void recordContacts(List<SenderContact> contacts) {
        contacts.stream()
                .collect(Collectors.groupingBy(SenderContact::sender, LinkedHashMap::new, Collectors.toList()))
                .forEach((sender, ofOne) -> transactions.inTransaction(handle -> {
                    senders.record(handle, sender, ofOne);
                    return sender;
                }));
    }

    /**
     * Writes results, all or by an exception none, without waiting longer than this for a row.
     *
     * @throws Failures.LostRace when somebody else holds one of the rows for longer
     */
    abstract void record(List<AttemptResult> results, Duration lockTimeout);

    /**
     * Together, and one by one where that fails: a row that a long transaction of some host's holds must not cost the
     * other messages their results, nor may two attempts that claim one provider's id at the same moment (the second one
     * sees the first then, and is recorded without it). What is locked out even so is waited for at the end.
     */
    final void recordResults(List<AttemptResult> results) {
        if (results.isEmpty()) {
            return;
        }
        try {
            record(results, Transactions.BRIEFLY);
            return;
        } catch (Failures.LostRace locked) {
            log.debug("{} results are locked out together, and are recorded one by one", results.size(), locked);
        } catch (RuntimeException failure) {
            if (!Failures.isDuplicate(failure)) {
                throw failure;
            }
        }
        List<AttemptResult> lockedOut = new ArrayList<>();
        for (AttemptResult result : results) {
            try {
                record(List.of(result), Transactions.HARDLY);
            } catch (Failures.LostRace locked) {
                lockedOut.add(result);
            }
        }
        waitFor(lockedOut);
    }

    private void waitFor(List<AttemptResult> lockedOut) {
        long begun = System.nanoTime();
        List<MessageId> lost = new ArrayList<>();
        Failures.LostRace last = null;
        for (AttemptResult result : lockedOut) {
            Duration left = PATIENCE.minusNanos(System.nanoTime() - begun);
            try {
                record(List.of(result), left.compareTo(Transactions.HARDLY) > 0 ? left : Transactions.HARDLY);
            } catch (Failures.LostRace locked) {
                lost.add(result.id());
                last = locked;
            }
        }
        if (last != null) {
            throw new StoreUnavailableException(
                    "others hold the rows of messages whose results were not kept; the other results were: "
                            + lost.stream().map(MessageId::text).collect(Collectors.joining(", ")),
                    last);
        }
    }

    abstract int expireLeases(int limit);

    abstract List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease);

    /** Reads an attempt from an outbox row, joined with its message. */
    static OutboundMessage attempt(ResultSet row, UUID token, int attempt) throws SQLException {
        MessageId id = MessageRows.id(row);
        return new OutboundMessage(
                id,
                token,
                attempt,
                new ConversationAddress(
                        id.conversation().tenant(),
                        Columns.text(row, "channel"),
                        Columns.text(row, "inbox"),
                        Columns.text(row, "customer")),
                MessageOwner.valueOf(Columns.text(row, "owner")),
                MessageRows.content(row),
                Columns.instant(row, "attempted_at"));
    }

    /** The provider's ids that belong to other attempts to reach the same customer; of very many, the latest. */
    protected Set<String> boundElsewhere(Handle handle, OutboundMessage message) {
        var query = sql.query(handle, BOUND_ELSEWHERE);
        Sql.text(query, "tenant", message.address().tenant());
        Sql.text(query, "channel", message.address().channel());
        Sql.text(query, "customer", message.address().customer());
        return new HashSet<>(Sql.uuid(query, "token", message.attemptToken())
                .map((row, context) -> Columns.text(row, "provider_id"))
                .list());
    }

    /** Becomes SENT where what was found is nobody else's, and UNCLEAR where it is. */
    static final String FOUND = "FOUND";

    private static final String ANOTHERS = "what was found is another message";

    /** A verdict as a row of parameters. */
    record Result(
            AttemptResult result,
            String verdict,
            @Nullable String providerId,
            @Nullable String reason,
            Duration delay,
            boolean counts,
            int lookUp) {
        /** What a look-up that found something came to. */
        Result whenFound(boolean isAnothers) {
            return isAnothers
                    ? new Result(result, "UNCLEAR", null, reason, delay, counts, lookUp)
                    : new Result(result, "SENT", providerId, null, delay, counts, lookUp);
        }

        static Result of(AttemptResult result) {
            AttemptResult.Verdict verdict = result.verdict();
            if (verdict instanceof AttemptResult.Verdict.Sent sent) {
                return sent("SENT", result, sent.providerMessageId(), null);
            }
            if (verdict instanceof AttemptResult.Verdict.Found found) {
                return sent(FOUND, result, found.providerMessageId(), ANOTHERS);
            }
            if (verdict instanceof AttemptResult.Verdict.Again again) {
                return new Result(result, "AGAIN", null, again.reason(), again.delay(), again.countsAsAttempt(), 0);
            }
            if (verdict instanceof AttemptResult.Verdict.Dead dead) {
                return new Result(result, "DEAD", null, dead.reason(), Duration.ZERO, true, 0);
            }
            if (verdict instanceof AttemptResult.Verdict.Unclear unclear) {
                return new Result(result, "UNCLEAR", null, unclear.reason(), unclear.lookUpIn(), true, 0);
            }
            if (verdict instanceof AttemptResult.Verdict.NotFound notFound) {
                return new Result(
                        result, "NOT_FOUND", null, notFound.reason(), notFound.lookUpIn(), true, notFound.lookUp());
            }
            AttemptResult.Verdict.Unknown unknown = (AttemptResult.Verdict.Unknown) verdict;
            return new Result(result, "UNKNOWN", null, unknown.reason(), unknown.lookUpIn(), true, 0);
        }

        private static Result sent(
                String verdict, AttemptResult result, String providerId, @Nullable String otherwise) {
            return new Result(result, verdict, BoundedKey.of(providerId), otherwise, Duration.ZERO, true, 0);
        }
    }
}
