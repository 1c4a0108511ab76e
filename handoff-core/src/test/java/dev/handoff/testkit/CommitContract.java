package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Deadline;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.HandBack;
import dev.handoff.model.HumanHandoff;
import dev.handoff.model.Media;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.model.Template;
import dev.handoff.store.BotLease;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.CommitResult.AlreadyDone;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.CommitResult.Conflict;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Prior;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One command, one commit: whole or not at all, on the version it was decided on, and once. */
interface CommitContract extends StoreUnderTest {

    @Test
    default void a_conversation_is_kept_as_it_was_given_to_the_microsecond() {
        Instant moment = Instant.parse("2031-03-04T05:06:07.123456Z");
        ConversationId id = new ConversationId(TENANT, UUID.randomUUID());
        Conversation given = new Conversation(
                id,
                new ConversationAddress(TENANT, "fake", "whatsapp:+5511999", "whatsapp:BR.1A2B c/ç\uD83D\uDE00"),
                "María 'O\"Neil' 🙂",
                ConversationStatus.HUMAN_HANDOFF,
                new HumanHandoff(moment, "asked\nfor a person", "wants a refund", "billing", -3, "ana", true),
                new HandBack(moment.minusSeconds(9), moment.minusSeconds(8), "bruno", "waiting_timeout", "all well"),
                new BotState(2, 1, 4),
                7,
                1,
                12,
                34,
                5,
                moment.minusNanos(1000),
                new Deadline(
                        Deadline.Kind.AGENT_SILENT,
                        moment.plusSeconds(60),
                        moment.plusSeconds(48),
                        moment.plusSeconds(30)),
                new ConversationId(TENANT, UUID.randomUUID()),
                moment.minusSeconds(99),
                moment,
                null);

        assertThat(attempt(bare(given))).isEqualTo(new Committed(List.of()));

        assertThat(store().conversation(id)).contains(given);
    }

    @Test
    default void what_a_conversation_does_not_have_stays_absent() {
        Conversation open = commit(opening("c1"));
        Conversation ended = commit(change(open).closed());

        assertThat(store().conversation(ended.id())).contains(ended);
        assertThat(ended.deadline()).isNull();
        assertThat(ended.closedAt()).isNotNull();
    }

    @Test
    default void messages_are_kept_as_they_were_given() {
        Conversation conversation = commit(opening("c1"));
        Message inbound = new Message(
                message(conversation, 1),
                MessageOwner.CUSTOMER,
                null,
                Direction.INBOUND,
                new Content(
                        "  olá 🙂\n",
                        List.of(new Media("https://m/1", "image/png"), new Media("https://m/2", null)),
                        null),
                Map.of("From", "whatsapp:+55", "Body", "", "ProfileName", "Zé"),
                "SM123",
                null,
                null,
                1,
                conversation.createdAt());
        Message template = new Message(
                message(conversation, 2),
                MessageOwner.AGENT,
                "ana",
                Direction.OUTBOUND,
                new Content(null, List.of(), new Template("HX1", Map.of("1", "Maria"))),
                Map.of(),
                null,
                Delivery.QUEUED,
                null,
                1,
                conversation.createdAt());
        Message note = new Message(
                message(conversation, 3),
                MessageOwner.AGENT,
                "ana",
                Direction.INTERNAL,
                Content.text("careful"),
                Map.of(),
                null,
                null,
                null,
                1,
                conversation.createdAt());
        Message suppressed = new Message(
                message(conversation, 4),
                MessageOwner.BOT,
                null,
                Direction.OUTBOUND,
                Content.text("too late"),
                Map.of(),
                null,
                Delivery.SUPPRESSED,
                null,
                1,
                conversation.createdAt());
        ChangeSet empty = change(conversation).done();
        ChangeSet full = new ChangeSet(
                empty.id(),
                null,
                empty.expectedVersion(),
                empty.next(),
                List.of(inbound, template, note, suppressed),
                List.of(),
                false,
                List.of(),
                new BotLease.Keep());

        assertThat(attempt(full)).isInstanceOf(Committed.class);

        assertThat(store().messages(conversation.id(), 0, 10)).containsExactly(inbound, template, note, suppressed);
    }

    @Test
    default void a_change_on_the_version_it_was_decided_on_is_kept() {
        Conversation conversation = commit(opening("c1").hears("hello"));

        Conversation next = commit(change(conversation).hears("again"));

        assertThat(store().conversation(conversation.id())).contains(next);
        assertThat(next.version()).isEqualTo(conversation.version() + 1);
        assertThat(store().messages(conversation.id(), 0, 10)).hasSize(2);
        assertThat(store().events(conversation.id(), 0, 10)).hasSize(3);
    }

    @Test
    default void a_change_on_a_version_that_is_past_is_a_conflict_and_changes_nothing() {
        Conversation stale = commit(opening("c1").says(MessageOwner.BOT, "hello"));
        Conversation present = commit(change(stale).hears("faster"));
        int eventsBefore = feed(TENANT).size();
        OnceKey key = OnceKey.command(stale.id(), "k", "f");

        CommitResult result = attempt(
                change(stale).once(key).taken(agent("ana", 1)).hears("slower").says(MessageOwner.SYSTEM, "notice"));

        assertThat(result).isEqualTo(new Conflict());
        assertThat(store().conversation(stale.id())).contains(present);
        assertThat(store().messages(stale.id(), 0, 10)).hasSize(2);
        assertThat(feed(TENANT)).hasSize(eventsBefore);
        assertThat(store().agent(TENANT, "ana").map(state -> state.load()).orElse(0))
                .isZero();
        assertThat(delivery(message(stale, 1))).isEqualTo(Delivery.QUEUED);
        assertThat(attempt(change(present).once(key).hears("later"))).isInstanceOf(Committed.class);
    }

    @Test
    default void a_change_of_a_conversation_that_does_not_exist_is_a_conflict() {
        Conversation never = opening("c1").done().next();

        assertThat(attempt(change(never).hears("hello"))).isEqualTo(new Conflict());
    }

    @Test
    default void a_conversation_is_opened_once() {
        Draft draft = opening("c1").hears("hello");
        commit(draft);

        assertThat(attempt(draft)).isEqualTo(new Conflict());
    }

    @Test
    default void I10_a_second_open_conversation_at_one_address_is_a_conflict() {
        Conversation first = commit(opening("c1"));

        assertThat(attempt(opening("c1"))).isEqualTo(new Conflict());
        assertThat(store().conversation(first.id())).contains(first);
    }

    @Test
    default void I10_an_end_makes_room_for_the_next_conversation_at_the_address() {
        Conversation first = commit(opening("c1"));
        commit(change(first).closed());

        assertThat(attempt(opening("c1"))).isInstanceOf(Committed.class);
    }

    @Test
    default void I10_another_tenant_channel_inbox_or_customer_is_another_address() {
        commit(opening("c1"));

        for (ConversationAddress elsewhere : List.of(
                new ConversationAddress(OTHER_TENANT, "fake", "inbox:1", "c1"),
                new ConversationAddress(TENANT, "other", "inbox:1", "c1"),
                new ConversationAddress(TENANT, "fake", "inbox:2", "c1"),
                new ConversationAddress(TENANT, "fake", "inbox:1", "c2"),
                new ConversationAddress(TENANT, "fake", "inbox:1c", "1"))) {
            assertThat(attempt(Draft.opening(elsewhere, now()))).isInstanceOf(Committed.class);
        }
    }

    @Test
    default void an_ended_conversation_can_still_be_noted_upon_while_the_next_is_open() {
        Conversation first = commit(change(commit(opening("c1"))).closed());
        Conversation second = commit(opening("c1"));

        assertThat(attempt(change(first).notes("a late note"))).isInstanceOf(Committed.class);
        assertThat(store().conversation(second.id())).contains(second);
    }

    @Test
    default void I3_a_duplicate_changes_nothing() {
        OnceKey key = OnceKey.of(inbound("SM1"));
        Conversation conversation = commit(opening("c1").once(key).hears("hello"));
        int eventsBefore = feed(TENANT).size();

        CommitResult result = attempt(change(conversation).once(key).hears("hello"));

        assertThat(result).isInstanceOf(AlreadyDone.class);
        assertThat(store().conversation(conversation.id())).contains(conversation);
        assertThat(store().messages(conversation.id(), 0, 10)).hasSize(1);
        assertThat(feed(TENANT)).hasSize(eventsBefore);
    }

    @Test
    default void I3_a_duplicate_is_known_although_its_conversation_has_ended() {
        OnceKey key = OnceKey.of(inbound("SM1"));
        Conversation conversation = commit(opening("c1").once(key).hears("hello"));
        commit(change(conversation).closed());

        assertThat(attempt(opening("c1").once(key).hears("hello"))).isInstanceOf(AlreadyDone.class);
    }

    @Test
    default void the_same_change_set_again_is_already_done_not_a_conflict() {
        Draft draft = opening("c1").once(OnceKey.of(inbound("SM1"))).hears("hello");
        ChangeSet change = draft.done();
        attempt(change);

        CommitResult again = attempt(change);

        assertThat(again).isInstanceOf(AlreadyDone.class);
        Prior prior = ((AlreadyDone) again).prior();
        assertThat(prior.outcome().conversation()).isEqualTo(change.next().id());
    }

    @Test
    default void the_outcome_of_an_inbound_message_names_its_place_and_keeps_no_conversation() {
        Conversation conversation = commit(opening("c1").hears("first"));
        OnceKey key = OnceKey.of(inbound("SM2"));
        commit(change(conversation).once(key).hears("second").says(MessageOwner.SYSTEM, "notice"));

        Prior prior = priorOf(conversation, key);

        assertThat(prior.outcome().conversation()).isEqualTo(conversation.id());
        assertThat(prior.outcome().messageSeq()).isEqualTo(2L);
        assertThat(prior.outcome().after()).isNull();
        assertThat(prior.outcome().inFlight()).isEmpty();
    }

    @Test
    default void I11_a_repeated_command_is_told_what_it_brought_about_then() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "in flight", "waiting");
        MessageId inFlight = permit().message().id();
        OnceKey key = OnceKey.command(conversation.id(), "cmd-1", "fingerprint");
        Conversation after = commit(change(conversation).once(key).taken(agent("ana", 5)));
        commit(change(after).hears("meanwhile"));

        CommitResult again = attempt(change(conversation).once(key).taken(agent("ana", 5)));

        assertThat(again).isInstanceOf(AlreadyDone.class);
        Prior prior = ((AlreadyDone) again).prior();
        assertThat(prior.fingerprint()).isEqualTo("fingerprint");
        assertThat(prior.outcome().after()).isEqualTo(after);
        assertThat(prior.outcome().messageSeq()).isNull();
        assertThat(prior.outcome().inFlight()).containsExactly(inFlight);
        assertThat(store().agent(TENANT, "ana").orElseThrow().load()).isEqualTo(1);
    }

    @Test
    default void the_first_fingerprint_is_told_whatever_comes_with_the_repetition() {
        Conversation conversation = commit(opening("c1"));
        Conversation after = commit(change(conversation)
                .once(OnceKey.command(conversation.id(), "cmd", "body-1"))
                .hears("x"));

        CommitResult again = attempt(change(after)
                .once(OnceKey.command(conversation.id(), "cmd", "body-2"))
                .hears("y"));

        assertThat(((AlreadyDone) again).prior().fingerprint()).isEqualTo("body-1");
    }

    @Test
    default void once_keys_are_told_apart_by_tenant_kind_and_key() {
        commit(opening("c1").once(new OnceKey(TENANT, OnceKey.Kind.INBOUND, "k", "")));

        assertThat(attempt(opening("c2").once(new OnceKey(TENANT, OnceKey.Kind.TURN, "k", ""))))
                .isInstanceOf(Committed.class);
        assertThat(attempt(opening("c3").once(new OnceKey(TENANT, OnceKey.Kind.INBOUND, "k2", ""))))
                .isInstanceOf(Committed.class);
        assertThat(attempt(Draft.opening(address(OTHER_TENANT, "c1"), now())
                        .once(new OnceKey(OTHER_TENANT, OnceKey.Kind.INBOUND, "k", ""))))
                .isInstanceOf(Committed.class);
    }

    @Test
    default void old_commands_and_turns_are_forgotten_and_inbound_messages_never() {
        Conversation conversation = commit(opening("c1"));
        OnceKey command = OnceKey.command(conversation.id(), "cmd", "");
        OnceKey turn = OnceKey.turn(conversation.id(), UUID.randomUUID());
        OnceKey inbound = OnceKey.of(inbound("SM1"));
        Conversation one = commit(change(conversation).once(command));
        Conversation two = commit(change(one).once(turn));
        Conversation three = commit(change(two).once(inbound));
        letTheShortPass();

        store().forgetCommandsOlderThan(Duration.ZERO);

        assertThat(attempt(change(three).once(inbound))).isInstanceOf(AlreadyDone.class);
        Conversation four = commit(change(three).once(command));
        assertThat(attempt(change(four).once(turn))).isInstanceOf(Committed.class);
    }

    @Test
    default void young_commands_are_not_forgotten() {
        Conversation conversation = commit(opening("c1"));
        OnceKey command = OnceKey.command(conversation.id(), "cmd", "");
        commit(change(conversation).once(command));

        store().forgetCommandsOlderThan(LONG);

        assertThat(attempt(change(conversation).once(command))).isInstanceOf(AlreadyDone.class);
    }

    @Test
    default void one_that_cannot_be_committed_does_not_stop_its_neighbours_and_each_is_answered_in_its_place() {
        Conversation stale = commit(opening("stale"));
        Conversation fresh = commit(change(stale).hears("faster"));
        OnceKey done = OnceKey.of(inbound("SM1"));
        Conversation known = commit(opening("known").once(done).hears("hello"));
        commit(opening("busy").taken(agent("ana", 1)));

        List<CommitResult> results = store().commit(List.of(
                opening("new").hears("a").done(),
                change(stale).hears("slower").done(),
                change(known).once(done).hears("hello").done(),
                opening("full").taken(agent("ana", 1)).done(),
                opening("known").hears("taken address").done(),
                opening("last").hears("b").done()));

        assertThat(results).hasSize(6);
        assertThat(results.get(0)).isEqualTo(new Committed(List.of()));
        assertThat(results.get(1)).isEqualTo(new Conflict());
        assertThat(results.get(2)).isInstanceOf(AlreadyDone.class);
        assertThat(results.get(3)).isEqualTo(new CommitResult.CapacityReached("ana", 1));
        assertThat(results.get(4)).isEqualTo(new Conflict());
        assertThat(results.get(5)).isEqualTo(new Committed(List.of()));
        assertThat(store().conversation(fresh.id())).contains(fresh);
    }

    @Test
    default void many_change_sets_are_committed_in_one_call() {
        List<ChangeSet> changes = StoreUnderTest.times(
                40,
                i -> opening("c" + i)
                        .hears("hello")
                        .says(MessageOwner.BOT, "hi")
                        .done());

        assertThat(store().commit(changes)).hasSize(40).containsOnly(new Committed(List.of()));
        assertThat(changes)
                .allSatisfy(change ->
                        assertThat(store().messages(change.next().id(), 0, 10)).hasSize(2));
    }

    @Test
    default void nothing_to_commit_is_answered_with_nothing() {
        assertThat(store().commit(List.of())).isEmpty();
    }

    private Prior priorOf(Conversation conversation, OnceKey key) {
        CommitResult again = attempt(change(conversation).once(key));
        assertThat(again).isInstanceOf(AlreadyDone.class);
        return ((AlreadyDone) again).prior();
    }

    private static ChangeSet bare(Conversation conversation) {
        return new ChangeSet(
                UUID.randomUUID(),
                null,
                conversation.version() - 1,
                conversation,
                List.of(),
                List.of(),
                false,
                List.of(),
                new BotLease.Keep());
    }

    private static Agent agent(String id, int capacity) {
        return new Agent(TENANT, id, AgentRole.AGENT, capacity);
    }

    private static InboundMessage inbound(String providerId) {
        return new InboundMessage(address(TENANT, "c1"), providerId, Content.text("hello"), null, Map.of());
    }
}
