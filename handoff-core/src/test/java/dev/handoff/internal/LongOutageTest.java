package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.Command;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ten thousand messages wait, and the provider is away for two hours. */
class LongOutageTest {
    private static final Duration OUTAGE = Duration.ofHours(2);
    private static final int CUSTOMERS = 2_000;
    private static final int TO_EACH = 5;
    private static final int PERHAPS_SENT = 6;
    private static final Agent SAM = new Agent("acme", "sam", AgentRole.SUPERVISOR, null);

    private final Rig rig = new Rig();
    private final Instant over = rig.time.instant().plus(OUTAGE);
    private int sendsInVain;
    private int lookUpsInVain;

    /** Out of reach, but for now and then a connection on which nothing is ever answered. */
    private final Channel provider = new ChannelInFront(rig.channel) {
        @Override
        public SendResult send(OutboundMessage message) {
            if (!isAway()) {
                return super.send(message);
            }
            sendsInVain++;
            return sendsInVain % PERHAPS_SENT == 0
                    ? new SendResult.Unknown("timed out")
                    : new SendResult.Unreachable("connection refused");
        }

        @Override
        public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            if (!isAway()) {
                return super.lookUp(message, boundElsewhere);
            }
            lookUpsInVain++;
            return new LookupResult.Unclear("connection refused");
        }
    };

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void after_an_outage_of_two_hours_ten_thousand_messages_are_sent_each_once_in_order_and_none_is_dead() {
        ExecutorService thread = VirtualTime.oneAfterTheOther();
        OutboundSettings settings = OutboundSettings.defaults();
        Sender sender = new Sender(
                rig.store,
                Map.of("fake", provider),
                settings,
                new Backoff(settings.retryBase(), settings.retryCap(), new Random(20_300_115)),
                new VirtualTime(rig.time),
                () -> thread,
                () -> {});
        Resolver resolver = new Resolver(rig.store, Map.of("fake", provider), settings);
        for (int i = 0; i < CUSTOMERS; i++) {
            ConversationId id = rig.hears("customer" + i, "oi");
            rig.does(id, new Command.TakeOver(SAM));
            for (int n = 0; n < TO_EACH; n++) {
                rig.does(id, new Command.AgentReplies(SAM.asActor(), Content.text("hello " + n)));
            }
        }

        while (isAway()) {
            workOn(sender, resolver);
        }
        int sent = 0;
        while (sent < CUSTOMERS * TO_EACH && rig.time.instant().isBefore(over.plus(Duration.ofHours(1)))) {
            workOn(sender, resolver);
            sent = rig.channel.sends().size();
        }

        System.out.printf(
                "Outage: %s, %,d messages waiting; %,d requests to send and %,d look-ups in vain; all sent %s after its end%n",
                OUTAGE, CUSTOMERS * TO_EACH, sendsInVain, lookUpsInVain, Duration.between(over, rig.time.instant()));
        List<String> inOrder =
                IntStream.range(0, TO_EACH).mapToObj(n -> "hello " + n).toList();
        for (int i = 0; i < CUSTOMERS; i++) {
            assertThat(rig.channel.heardBy("customer" + i)).isEqualTo(inOrder);
        }
        assertThat(rig.memory.deadLetters("acme", 10)).isEmpty();
        assertThat(rig.channel.sends()).hasSize(CUSTOMERS * TO_EACH);
        assertThat(sendsInVain)
                .as("some seconds at full speed, and then one a minute")
                .isBetween(120, 700);
    }

    private boolean isAway() {
        return rig.time.instant().isBefore(over);
    }

    private void workOn(Sender sender, Resolver resolver) {
        boolean idle = sender.begin(() -> {}).isEmpty();
        resolver.resolve();
        if (idle) {
            rig.time.advance(Duration.ofMillis(250));
        }
    }
}
