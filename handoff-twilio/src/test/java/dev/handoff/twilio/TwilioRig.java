package dev.handoff.twilio;

import dev.handoff.Handoff;
import dev.handoff.ReceiveResult;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.Channel;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.policy.Notices;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The whole library in one thread, from an agent's reply to Twilio's wire. Its time begins now, since Twilio is asked by
 * date, and stands still until it is moved. The pace counts real time and is as good as unlimited.
 */
final class TwilioRig implements AutoCloseable {
    private static final Agent ANA = Agent.supervisor("ana");

    private final AtomicReference<Instant> time = new AtomicReference<>(Instant.now());
    private final Handoff handoff;

    TwilioRig(Channel channel, OutboundSettings outbound) {
        this.handoff = Handoff.builder()
                .store(new InMemoryConversationStore(time::get))
                .channel(channel)
                .bot(turn -> BotReply.silence())
                .notices(Notices.off())
                .outbound(outbound.pace(1e9, 1e9))
                .build();
        handoff.roster().register(ANA);
    }

    /** A conversation that the customer has begun and an agent has taken. */
    ConversationId conversation(ConversationAddress address) {
        ReceiveResult received = handoff.receive(
                new InboundMessage(address, "SM" + UUID.randomUUID(), Content.text("oi"), null, Map.of()));
        ConversationId id = ((ReceiveResult.Stored) received).conversation().id();
        handoff.as(ANA).takeOver(id).orThrow();
        return id;
    }

    /** An agent's reply waits to be sent. */
    MessageId reply(ConversationId id, Content content) {
        MessageId message = handoff.as(ANA).reply(id, content).orThrow().message();
        if (message == null) {
            throw new AssertionError("a reply without a message");
        }
        return message;
    }

    /** Everything is sent that may be sent now; returns how many attempts were begun. */
    int dispatch() {
        int all = 0;
        for (int begun = handoff.dispatchOutboundOnce(); begun > 0; begun = handoff.dispatchOutboundOnce()) {
            all += begun;
        }
        return all;
    }

    /** Every attempt is looked up that is due now. */
    void lookUp() {
        while (handoff.resolveUnknownOnce() > 0) {
            // Until nothing is due.
        }
    }

    void advance(Duration by) {
        time.updateAndGet(now -> now.plus(by));
    }

    Message message(MessageId id) {
        return handoff.history().message(id).orElseThrow();
    }

    Handoff handoff() {
        return handoff;
    }

    @Override
    public void close() {
        handoff.close();
    }
}
