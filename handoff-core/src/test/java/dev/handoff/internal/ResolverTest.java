package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.Command;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From "perhaps sent" to certainty: callback, look-ups, and only then another send. */
class ResolverTest {
    private static final OutboundSettings SETTINGS = OutboundSettings.defaults().attempts(3, Duration.ofSeconds(1));
    private static final Duration WAIT = SETTINGS.unknownWait();
    private static final Duration LEASE = SETTINGS.lease();
    private static final Duration PATIENCE = SETTINGS.timeBudget();
    private static final SendResult LOST = new SendResult.Unknown("timed out");

    private final Rig rig = new Rig();
    private final Sender sender = rig.sender(SETTINGS);
    private final Resolver resolver = new Resolver(rig.store, rig.channels(), SETTINGS);
    private final ConversationId maria = rig.hears("maria", "oi");

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_callback_settles_it_and_nobody_is_asked() throws Exception {
        anaSays("oi");
        rig.channel.nextSendIsCut();
        send();
        rig.memory.recordDelivery(rig.channel.report(rig.channel.sends().get(0), DeliveryStatus.DELIVERED));
        rig.time.advance(WAIT);

        assertThat(resolver.resolve()).isZero();
        assertThat(last().delivery()).isEqualTo(Delivery.DELIVERED);
        assertThat(rig.channel.lookUps()).isEmpty();
    }

    @Test
    void without_a_callback_it_is_looked_up_after_the_wait_and_found() throws Exception {
        anaSays("oi");
        rig.channel.nextSendIsCut();
        send();
        assertThat(resolver.resolve()).as("before the wait is over").isZero();
        rig.time.advance(WAIT);
        assertThat(resolver.resolve()).isEqualTo(1);

        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(rig.channel.sends()).hasSize(1);
    }

    @Test
    void I4_not_found_once_proves_nothing_and_twice_sends_it_again() throws Exception {
        anaSays("oi");
        rig.channel.nextSend(LOST);
        send();
        rig.time.advance(WAIT);
        resolver.resolve();
        assertThat(last().delivery()).isEqualTo(Delivery.UNKNOWN);
        send();
        assertThat(rig.channel.sends()).hasSize(1);

        rig.time.advance(WAIT);
        resolver.resolve();
        assertThat(last().delivery()).isEqualTo(Delivery.QUEUED);
        send();
        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(rig.channel.sends()).extracting(attempt -> attempt.attempt()).containsExactly(1, 2);
        assertThat(rig.channel.heardBy("maria")).containsExactly("oi");
    }

    @Test
    void I4_no_other_node_looks_up_a_message_while_a_slow_look_up_is_at_it() throws Exception {
        anaSays("oi");
        ConversationId joao = rig.hears("joao", "oi");
        rig.does(joao, new Command.TakeOver(Rig.ANA));
        rig.does(joao, new Command.AgentReplies(Rig.ANA.asActor(), Content.text("oi, João")));
        rig.channel.nextSend(LOST).nextSend(LOST);
        send();
        rig.time.advance(WAIT);
        List<List<UnresolvedAttempt>> claimedMeanwhile = new ArrayList<>();
        Duration aLookUp = LEASE.minusSeconds(1);
        Channel slow = new ChannelInFront(rig.channel) {
            @Override
            public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
                rig.time.advance(aLookUp);
                claimedMeanwhile.add(rig.memory.claimUnresolved(10, Duration.ZERO).stream()
                        .filter(other -> other.message().id().equals(message.id()))
                        .toList());
                return super.lookUp(message, boundElsewhere);
            }
        };

        new Resolver(rig.store, Map.of("fake", slow), SETTINGS).resolve();

        assertThat(claimedMeanwhile)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(others -> assertThat(others).isEmpty());
    }

    @Test
    void what_was_not_sent_is_not_sent_again_beyond_its_time_budget() throws Exception {
        anaSays("oi");
        rig.channel.nextSend(LOST);
        send();
        rig.time.advance(PATIENCE);
        resolver.resolve();
        rig.time.advance(WAIT);
        resolver.resolve();
        send();

        assertThat(rig.channel.sends()).hasSize(1);
        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
        assertThat(last().error()).contains("PT24H");
    }

    @Test
    void I1_a_bots_message_is_not_sent_again_once_control_has_changed() throws Exception {
        rig.does(maria, new Command.BotReplies(1, 1, BotReply.text("olá")));
        rig.channel.nextSend(LOST);
        send();
        assertThat(rig.does(maria, new Command.TakeOver(Rig.ANA)).inFlight()).hasSize(1);
        rig.time.advance(WAIT);
        resolver.resolve();
        rig.time.advance(WAIT);
        resolver.resolve();

        assertThat(last().delivery()).isEqualTo(Delivery.SUPPRESSED);
        send();
        assertThat(rig.channel.sends()).hasSize(1);
    }

    @Test
    void what_is_never_found_is_dead_after_its_last_attempt() throws Exception {
        anaSays("oi");
        for (int i = 0; i < 3; i++) {
            rig.channel.nextSend(LOST);
        }
        for (int i = 0; i < 3; i++) {
            send();
            rig.time.advance(WAIT);
            resolver.resolve();
            rig.time.advance(WAIT);
            resolver.resolve();
        }

        assertThat(rig.channel.sends()).hasSize(3);
        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
        assertThat(last().error()).contains("3 attempts");
    }

    @Test
    void a_provider_that_cannot_be_asked_decides_nothing_is_asked_ever_more_rarely_and_given_up_in_the_end()
            throws Exception {
        anaSays("oi");
        rig.channel.nextSend(LOST);
        send();
        for (int i = 0; i < 400; i++) {
            rig.channel.nextLookUp(new LookupResult.Unclear("503"));
        }
        Duration asked = Duration.ZERO;
        while (last().delivery() == Delivery.UNKNOWN) {
            rig.time.advance(WAIT);
            asked = asked.plus(WAIT);
            resolver.resolve();
            assertThat(asked).as("it ends").isLessThan(PATIENCE.multipliedBy(2));
        }

        assertThat(rig.channel.lookUps())
                .as("in a day, every five minutes in the end")
                .hasSizeBetween(250, 310);
        assertThat(asked).isGreaterThan(PATIENCE);
        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
        assertThat(last().error()).startsWith("perhaps sent").contains("503");
        assertThat(rig.channel.sends()).as("never on a guess").hasSize(1);
    }

    @Test
    void I4_a_look_up_that_decides_nothing_does_not_count_as_one_that_found_nothing() throws Exception {
        anaSays("oi");
        rig.channel.nextSend(LOST);
        send();
        rig.channel
                .nextLookUp(new LookupResult.Unclear("503"))
                .nextLookUp(new LookupResult.NotFound())
                .nextLookUp(new LookupResult.NotFound());
        while (rig.channel.lookUps().size() < 2) {
            rig.time.advance(WAIT);
            resolver.resolve();
        }

        assertThat(last().delivery()).as("found nothing once").isEqualTo(Delivery.UNKNOWN);
        rig.time.advance(WAIT);
        resolver.resolve();
        assertThat(last().delivery()).as("found nothing twice").isEqualTo(Delivery.QUEUED);
    }

    @Test
    void a_provider_message_that_is_bound_to_another_of_ours_is_not_taken_for_this_one() throws Exception {
        anaSays("oi");
        send();
        String boundId = last().providerMessageId();
        anaSays("oi");
        rig.channel.nextSend(LOST);
        send();
        rig.time.advance(WAIT);

        assertThat(rig.memory.claimUnresolved(1, LEASE))
                .singleElement()
                .satisfies(attempt -> assertThat(attempt.boundElsewhere()).containsExactly(boundId));
    }

    @Test
    void a_look_up_that_throws_and_a_channel_that_is_gone_are_unclear() throws Exception {
        anaSays("oi");
        rig.channel.nextSend(LOST);
        send();
        rig.time.advance(WAIT);
        new Resolver(rig.store, Map.of(), SETTINGS).resolve();

        assertThat(last().delivery()).isEqualTo(Delivery.UNKNOWN);
        assertThat(last().error()).contains("no channel is named 'fake'");
    }

    @Test
    void an_attempt_whose_process_died_is_unknown_and_looked_up_at_once() throws Exception {
        anaSays("oi");
        rig.memory.claimPermits(PermitRequest.upTo(1, LEASE));
        assertThat(resolver.resolve()).isZero();
        rig.time.advance(LEASE);
        assertThat(resolver.resolve()).isEqualTo(2);
        rig.time.advance(WAIT);
        resolver.resolve();
        send();

        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(rig.channel.heardBy("maria")).containsExactly("oi");
    }

    private void anaSays(String text) {
        rig.does(maria, new Command.TakeOver(Rig.ANA));
        rig.does(maria, new Command.AgentReplies(Rig.ANA.asActor(), Content.text(text)));
    }

    private Message last() {
        var all = rig.messages(maria);
        return all.get(all.size() - 1);
    }

    private void send() throws InterruptedException {
        for (CountDownLatch one : sender.begin(() -> {})) {
            one.await();
        }
    }
}
