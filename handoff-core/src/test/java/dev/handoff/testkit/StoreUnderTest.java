package dev.handoff.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The store that a contract tests, and the words in which it does so. */
interface StoreUnderTest {
    String TENANT = "acme";
    String OTHER_TENANT = "globex";

    /** A lease or a wait that no test outlives. */
    Duration LONG = Duration.ofMinutes(10);

    /** A lease or a wait that is over after {@link #letTheShortPass()}. */
    Duration SHORT = Duration.ofMillis(2);

    ConversationStore store();

    /** Returns once the store's time has moved on by this. */
    void letPass(Duration time);

    default void letTheShortPass() {
        letPass(SHORT.plusMillis(1));
    }

    default Instant now() {
        return store().now();
    }

    static ConversationAddress address(String tenant, String customer) {
        return new ConversationAddress(tenant, "fake", "inbox:1", customer);
    }

    default Draft opening(String customer) {
        return Draft.opening(address(TENANT, customer), now());
    }

    default Draft change(Conversation conversation) {
        return Draft.of(conversation, now());
    }

    default CommitResult attempt(Draft draft) {
        return attempt(draft.done());
    }

    /** As a caller does: what is busy just now is submitted again by one who can wait. */
    default CommitResult attempt(ChangeSet change) {
        List<CommitResult> results = store().commit(List.of(change));
        assertThat(results).hasSize(1);
        return results.get(0) instanceof CommitResult.Busy ? store().commitPatiently(change) : results.get(0);
    }

    /** Commits what cannot be refused. */
    default Conversation commit(Draft draft) {
        ChangeSet change = draft.done();
        assertThat(attempt(change)).isInstanceOf(CommitResult.Committed.class);
        return change.next();
    }

    /** Commits a change of control; the answer is what was in flight. */
    default List<MessageId> inFlightAt(Draft draft) {
        CommitResult result = attempt(draft);
        assertThat(result).isInstanceOf(CommitResult.Committed.class);
        return ((CommitResult.Committed) result).inFlight();
    }

    /** A conversation in which somebody on our side has said these things, the messages' places being 1, 2, 3… */
    default Conversation saying(String customer, MessageOwner owner, String... texts) {
        Draft draft = opening(customer);
        for (String text : texts) {
            draft.says(owner, text);
        }
        return commit(draft);
    }

    default MessageId message(Conversation conversation, long seq) {
        return new MessageId(conversation.id(), seq);
    }

    default List<OutboundPermit> permits() {
        return permits(100);
    }

    default List<OutboundPermit> permits(int limit) {
        return store().claimPermits(PermitRequest.upTo(limit, LONG));
    }

    /** The one permit that can be had. */
    default OutboundPermit permit() {
        List<OutboundPermit> permits = permits();
        assertThat(permits).hasSize(1);
        return permits.get(0);
    }

    default void record(OutboundPermit permit, Verdict verdict) {
        record(permit.message().id(), permit.message().attemptToken(), verdict);
    }

    default void record(MessageId id, UUID token, Verdict verdict) {
        store().recordResults(List.of(new AttemptResult(id, token, verdict)));
    }

    static Verdict sent(String providerMessageId) {
        return new Verdict.Sent(providerMessageId);
    }

    static Verdict again() {
        return new Verdict.Again(Duration.ZERO, "try again", true);
    }

    static Verdict dead() {
        return new Verdict.Dead("given up");
    }

    static Verdict unknown() {
        return new Verdict.Unknown("no answer", Duration.ZERO);
    }

    /** What that look-up of an attempt came to, from 1: nothing. */
    static Verdict notFound(int lookUp) {
        return new Verdict.NotFound(lookUp, "not there", Duration.ZERO);
    }

    /** A provider's report that names the attempt and the provider's id. */
    default boolean report(OutboundPermit permit, String providerMessageId, DeliveryStatus status) {
        return report(TENANT, permit.message().attemptToken(), providerMessageId, status);
    }

    /** A provider's report that names its own id alone. */
    default boolean report(String providerMessageId, DeliveryStatus status) {
        return report(TENANT, null, providerMessageId, status);
    }

    default boolean report(String tenant, @Nullable UUID token, String providerMessageId, DeliveryStatus status) {
        String error = status == DeliveryStatus.FAILED ? "63016: outside the window" : null;
        return store().recordDelivery(
                        new DeliveryUpdate(tenant, "fake", null, token, providerMessageId, status, error));
    }

    default Message stored(MessageId id) {
        return store().message(id).orElseThrow();
    }

    default Delivery delivery(MessageId id) {
        Delivery delivery = stored(id).delivery();
        assertThat(delivery).isNotNull();
        return delivery;
    }

    /** Everything in a tenant's feed, with all that was committed moved into it. */
    default List<FeedEntry> feed(String tenant) {
        int moved;
        do {
            moved = store().sequenceFeed(100);
        } while (moved == 100);
        return store().feed(tenant, 0, Integer.MAX_VALUE);
    }

    /** The delivery updates of one message, oldest first. */
    default List<Event> deliveryUpdates(MessageId id) {
        return feed(id.conversation().tenant()).stream()
                .map(FeedEntry::event)
                .filter(event -> event.type() == EventType.DELIVERY_UPDATED)
                .filter(event -> id.text().equals(event.data().get("messageId")))
                .toList();
    }

    /** What people were told of one message's delivery, oldest first. */
    default List<String> deliveriesTold(MessageId id) {
        return deliveryUpdates(id).stream()
                .map(event -> event.data().get("delivery"))
                .toList();
    }

    static <T> List<T> times(int count, java.util.function.IntFunction<T> make) {
        return IntStream.range(0, count).mapToObj(make).toList();
    }
}
