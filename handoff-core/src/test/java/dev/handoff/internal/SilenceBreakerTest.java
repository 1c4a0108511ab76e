package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SilentMessage;
import dev.handoff.machine.Command;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A provider took a message, and its reports got lost. */
class SilenceBreakerTest {
    private final Rig rig = new Rig();
    private final List<SilentMessage> asked = new ArrayList<>();
    private @Nullable DeliveryStatus answer = DeliveryStatus.DELIVERED;
    private final SilenceBreaker breaker =
            new SilenceBreaker(rig.store, Map.of("fake", new ChannelInFront(rig.channel) {
                @Override
                public Optional<DeliveryUpdate> reportOn(SilentMessage message) {
                    asked.add(message);
                    if (answer == null) {
                        throw new IllegalStateException("the provider does not answer");
                    }
                    return Optional.of(new DeliveryUpdate(
                            "acme", "fake", message.id(), null, message.providerMessageId(), answer, null));
                }
            }));
    private final ConversationId maria = rig.hears("maria", "oi");

    @BeforeEach
    void send() throws InterruptedException {
        rig.does(maria, new Command.BotReplies(1, 1, BotReply.text("olá")));
        for (CountDownLatch ended : rig.sender(OutboundSettings.defaults()).begin(() -> {})) {
            ended.await();
        }
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void the_provider_is_asked_after_half_a_day_and_its_answer_is_a_report() {
        rig.time.advance(Duration.ofHours(12).minusSeconds(1));
        assertThat(breaker.ask()).isZero();
        rig.time.advance(Duration.ofSeconds(1));

        assertThat(breaker.ask()).isEqualTo(1);

        assertThat(delivery()).isEqualTo(Delivery.DELIVERED);
        assertThat(breaker.ask()).isZero();
    }

    @Test
    void a_provider_that_does_not_answer_or_knows_nothing_new_is_asked_twice_more() {
        answer = null;
        rig.time.advance(Duration.ofHours(12));
        assertThat(breaker.ask()).isEqualTo(1);
        answer = DeliveryStatus.SENT;
        rig.time.advance(Duration.ofHours(12));
        assertThat(breaker.ask()).isEqualTo(1);
        rig.time.advance(Duration.ofHours(24));
        assertThat(breaker.ask()).isEqualTo(1);
        rig.time.advance(Duration.ofDays(30));

        assertThat(breaker.ask()).isZero();
        assertThat(asked).hasSize(3);
        assertThat(delivery()).isEqualTo(Delivery.SENT);
    }

    @Test
    void a_message_of_a_channel_that_this_process_does_not_have_is_passed_over() {
        rig.time.advance(Duration.ofHours(12));

        assertThat(new SilenceBreaker(rig.store, Map.of()).ask()).isEqualTo(1);

        assertThat(delivery()).isEqualTo(Delivery.SENT);
    }

    private @Nullable Delivery delivery() {
        return rig.messages(maria).get(1).delivery();
    }
}
