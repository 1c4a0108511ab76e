package dev.handoff.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.model.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every {@link Channel} promises, as tests. Subclass it with a channel that talks to a provider of the test's own,
 * over a real connection where the channel uses one, and make that provider misbehave when asked.
 */
@Timeout(60)
public abstract class ChannelContract {

    /** What the provider does with the next message that it is asked to send. */
    public enum ProviderBehaviour {
        /** Takes the message and says so. */
        ACCEPTS,
        /** Refuses now, and asks for another attempt later: too many requests. */
        ASKS_TO_WAIT,
        /** Refuses this message for good: no such recipient. */
        REFUSES,
        /** Refuses free text: only an approved template is taken now. */
        WANTS_A_TEMPLATE,
        /** Takes the message, and then the connection is cut before a word of the answer has come. */
        ACCEPTS_AND_CUTS,
        /** Takes the message, and answers with success and words that cannot be read. */
        ACCEPTS_UNREADABLY,
        /** Answers that something went wrong within: a 5xx. */
        BREAKS,
        /** Takes the message and never answers. */
        ACCEPTS_AND_IS_SILENT,
        /** Is not there: nothing listens at its address. */
        IS_AWAY
    }

    private final AtomicLong nextSeq = new AtomicLong();
    private final ConversationId conversation = new ConversationId(Tenant.DEFAULT, UUID.randomUUID());
    private Channel channel;

    /** The channel, talking to a provider that accepts everything and has received nothing. Called before each test. */
    protected abstract Channel newChannel();

    /** Makes the provider do this with the next message that it is asked to send, and accept again afterwards. */
    protected abstract void providerWill(ProviderBehaviour behaviour);

    /** How many requests to send the provider has received since {@link #newChannel()}. */
    protected abstract int sendsReceived();

    /** Makes the provider's next answer to a look-up one that decides nothing, such as a 5xx. */
    protected abstract void nextLookUpBreaks();

    /** Whether this provider can behave so; what it cannot is not tested. True for all, as it stands. */
    protected boolean providerCan(ProviderBehaviour behaviour) {
        return true;
    }

    /** From which inbox to which customer the tests send. */
    protected ConversationAddress address() {
        return new ConversationAddress(Tenant.DEFAULT, channel.name(), "inbox:1", "customer:1");
    }

    /** The time at which the tests send, for channels that ask their provider by time. */
    protected Instant now() {
        return Instant.parse("2030-01-15T12:00:00Z");
    }

    @BeforeEach
    final void beginWithANewChannel() {
        channel = newChannel();
    }

    /** The channel under test. */
    protected final Channel channel() {
        return channel;
    }

    @Test
    void its_name_is_a_word_and_never_changes() {
        String name = channel.name();

        assertThat(name).isNotBlank().doesNotContain(" ", ":");
        channel.send(message("hello"));
        assertThat(channel.name()).isEqualTo(name);
        assertThat(newChannel().name()).isEqualTo(name);
    }

    @Test
    void a_message_that_the_provider_takes_is_sent_and_has_the_providers_id() {
        SendResult result = channel.send(message("hello"));

        assertThat(result).isInstanceOf(SendResult.Sent.class);
        assertThat(((SendResult.Sent) result).providerMessageId()).isNotBlank();
        assertThat(sendsReceived()).isEqualTo(1);
    }

    @Test
    void each_message_has_a_provider_id_of_its_own() {
        assertThat(providerId(channel.send(message("hello")))).isNotEqualTo(providerId(channel.send(message("hello"))));
    }

    @Test
    void a_provider_that_asks_to_wait_is_tried_again_by_the_library() {
        assertThat(sendWhenProvider(ProviderBehaviour.ASKS_TO_WAIT)).isInstanceOf(SendResult.Retry.class);
    }

    @Test
    void a_refusal_for_good_is_permanent() {
        assertThat(sendWhenProvider(ProviderBehaviour.REFUSES)).isInstanceOf(SendResult.Permanent.class);
    }

    @Test
    void a_provider_that_takes_only_templates_says_so() {
        assertThat(sendWhenProvider(ProviderBehaviour.WANTS_A_TEMPLATE)).isInstanceOf(SendResult.NeedsTemplate.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"ACCEPTS_AND_CUTS", "ACCEPTS_UNREADABLY", "BREAKS", "ACCEPTS_AND_IS_SILENT"})
    void what_was_perhaps_sent_is_unknown(ProviderBehaviour behaviour) {
        assertThat(sendWhenProvider(behaviour)).isInstanceOf(SendResult.Unknown.class);
    }

    @Test
    void a_provider_that_is_away_is_unreachable_or_unknown_and_costs_no_message_its_attempts() {
        assertThat(sendWhenProvider(ProviderBehaviour.IS_AWAY))
                .isInstanceOfAny(SendResult.Unreachable.class, SendResult.Unknown.class);
    }

    /** A second request within one attempt is how customers get a message twice. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IS_AWAY")
    void one_send_is_one_attempt_whatever_comes_of_it(ProviderBehaviour behaviour) {
        sendWhenProvider(behaviour);

        assertThat(sendsReceived()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ACCEPTS")
    void the_message_after_a_failure_is_sent(ProviderBehaviour behaviour) {
        sendWhenProvider(behaviour);

        assertThat(channel.send(message("next"))).isInstanceOf(SendResult.Sent.class);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ACCEPTS")
    void what_went_wrong_is_said(ProviderBehaviour behaviour) {
        SendResult result = sendWhenProvider(behaviour);

        assertThat(reason(result)).isNotBlank();
    }

    @Test
    void many_send_at_once() throws Exception {
        List<List<String>> ids = Together.run(6, thread -> {
            List<String> mine = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                mine.add(providerId(channel.send(message("from thread " + thread))));
            }
            return mine;
        });

        assertThat(ids.stream().flatMap(List::stream).toList()).hasSize(60).doesNotHaveDuplicates();
        assertThat(sendsReceived()).isEqualTo(60);
    }

    @Test
    void an_ordinary_answer_is_not_refused_and_the_longest_text_is_sent() {
        assertThat(channel.maxTextLength()).isPositive();
        String longest = "x".repeat(channel.maxTextLength());

        assertThat(channel.refuses(address(), Content.text(longest), now(), now()))
                .isEmpty();
        assertThat(channel.send(message(longest))).isInstanceOf(SendResult.Sent.class);
    }

    @Test
    void a_look_up_finds_an_attempt_whose_answer_was_lost() {
        assumeTrue(providerCan(ProviderBehaviour.ACCEPTS_AND_CUTS));
        OutboundMessage message = message("did you get this?");
        providerWill(ProviderBehaviour.ACCEPTS_AND_CUTS);
        channel.send(message);

        LookupResult result = channel.lookUp(message, Set.of());

        assertThat(result).isInstanceOf(LookupResult.Found.class);
        assertThat(((LookupResult.Found) result).providerMessageId()).isNotBlank();
    }

    @Test
    void a_look_up_does_not_take_another_messages_id_for_this_one() {
        String other = providerId(channel.send(message("the same words")));

        LookupResult result = channel.lookUp(message("the same words"), Set.of(other));

        assertThat(result).isInstanceOf(LookupResult.NotFound.class);
    }

    @Test
    void a_look_up_of_what_was_never_sent_finds_nothing() {
        assertThat(channel.lookUp(message("never sent"), Set.of())).isInstanceOf(LookupResult.NotFound.class);
    }

    @Test
    void a_look_up_that_is_not_answered_decides_nothing() {
        nextLookUpBreaks();

        assertThat(channel.lookUp(message("hello"), Set.of())).isInstanceOf(LookupResult.Unclear.class);
    }

    /** The first attempt at a new message with this text. */
    protected final OutboundMessage message(String text) {
        return new OutboundMessage(
                new MessageId(conversation, nextSeq.incrementAndGet()),
                UUID.randomUUID(),
                1,
                address(),
                MessageOwner.AGENT,
                Content.text(text),
                now());
    }

    private SendResult sendWhenProvider(ProviderBehaviour behaviour) {
        assumeTrue(providerCan(behaviour), () -> "this provider never " + behaviour);
        providerWill(behaviour);
        return channel.send(message("hello"));
    }

    private static String providerId(SendResult result) {
        assertThat(result).isInstanceOf(SendResult.Sent.class);
        return ((SendResult.Sent) result).providerMessageId();
    }

    private static String reason(SendResult result) {
        if (result instanceof SendResult.Unreachable unreachable) {
            return unreachable.reason();
        } else if (result instanceof SendResult.Retry retry) {
            return retry.reason();
        } else if (result instanceof SendResult.Permanent permanent) {
            return permanent.reason();
        } else if (result instanceof SendResult.NeedsTemplate needsTemplate) {
            return needsTemplate.reason();
        } else if (result instanceof SendResult.Unknown unknown) {
            return unknown.reason();
        }
        throw new AssertionError("nothing went wrong: " + result);
    }
}
