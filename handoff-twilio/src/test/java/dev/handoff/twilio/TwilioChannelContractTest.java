package dev.handoff.twilio;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.testkit.ChannelContract;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What every channel promises, held by this one over real connections. */
class TwilioChannelContractTest extends ChannelContract {
    private static final Duration LONGER_THAN_ANY_TEST = Duration.ofMinutes(5);

    private @Nullable FakeTwilio twilio;
    private int sendsBeforeItWentAway;
    private ProviderBehaviour next = ProviderBehaviour.ACCEPTS;

    @Override
    protected Channel newChannel() {
        close();
        sendsBeforeItWentAway = 0;
        FakeTwilio opened = FakeTwilio.start();
        twilio = opened;
        TwilioChannel patient = TwilioChannel.of(Sends.settings(opened).build());
        TwilioChannel impatient = TwilioChannel.of(
                Sends.settings(opened).readTimeout(Duration.ofMillis(1_500)).build());
        return new OneTrouble(patient, impatient);
    }

    @Override
    protected void providerWill(ProviderBehaviour behaviour) {
        next = behaviour;
        switch (behaviour) {
            case ACCEPTS -> {}
            case ASKS_TO_WAIT -> fake().answers(Answer.status(429));
            case REFUSES -> fake().answers(Answer.error(400, 21211, "Invalid 'To' Phone Number"));
            case WANTS_A_TEMPLATE -> fake().answers(Answer.error(400, 63016, "outside the window"));
            case ACCEPTS_AND_CUTS -> fake().answers(Answer.cutAfterAcceptance());
            case ACCEPTS_UNREADABLY -> fake().answers(Answer.unreadable201());
            case BREAKS -> fake().answers(Answer.status(503));
            case ACCEPTS_AND_IS_SILENT -> fake().answers(Answer.accepted().after(LONGER_THAN_ANY_TEST));
            case IS_AWAY -> {
                sendsBeforeItWentAway += fake().sendRequests().size();
                fake().close();
            }
        }
    }

    @Override
    protected int sendsReceived() {
        return sendsBeforeItWentAway + fake().sendRequests().size();
    }

    @Override
    protected void nextLookUpBreaks() {
        fake().listsAlways(Answer.status(503));
    }

    /** The fake dates what it accepts by the real clock, and a look-up asks by date. */
    @Override
    protected Instant now() {
        return Instant.now();
    }

    @AfterEach
    void close() {
        if (twilio != null) {
            twilio.close();
        }
    }

    private FakeTwilio fake() {
        if (twilio == null) {
            throw new IllegalStateException("newChannel() comes first");
        }
        return twilio;
    }

    /** The channel, short of patience with a silent provider alone; who was away for one send is back for the next. */
    private final class OneTrouble implements Channel {
        private final TwilioChannel patient;
        private final TwilioChannel impatient;

        OneTrouble(TwilioChannel patient, TwilioChannel impatient) {
            this.patient = patient;
            this.impatient = impatient;
        }

        @Override
        public SendResult send(OutboundMessage message) {
            ProviderBehaviour now = next;
            if (now == ProviderBehaviour.ACCEPTS) {
                return patient.send(message);
            }
            next = ProviderBehaviour.ACCEPTS;
            SendResult result = (now == ProviderBehaviour.ACCEPTS_AND_IS_SILENT ? impatient : patient).send(message);
            if (now == ProviderBehaviour.IS_AWAY) {
                int port = Integer.parseInt(fake().baseUrl().replaceFirst(".*:", ""));
                twilio = FakeTwilio.start(port, fake().accountSid(), fake().authToken());
            }
            return result;
        }

        @Override
        public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            return patient.lookUp(message, boundElsewhere);
        }

        @Override
        public String name() {
            return patient.name();
        }

        @Override
        public int maxTextLength() {
            return patient.maxTextLength();
        }

        @Override
        public Optional<String> refuses(
                ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
            return patient.refuses(address, content, lastInboundAt, now);
        }
    }
}
