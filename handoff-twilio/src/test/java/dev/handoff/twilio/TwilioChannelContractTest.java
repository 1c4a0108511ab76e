package dev.handoff.twilio;

import dev.handoff.channel.Channel;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.ConversationAddress;
import dev.handoff.testkit.ChannelContract;
import dev.handoff.testkit.ChannelInFront;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;

/** Over HTTP, to a Twilio of the test's own that does whatever Twilio may do. */
class TwilioChannelContractTest extends ChannelContract {
    private FakeTwilio twilio = FakeTwilio.start();
    private final TwilioSettings settings =
            Sends.settings(twilio).readTimeout(Duration.ofSeconds(2)).build();
    private boolean isAway;

    @AfterEach
    void stop() {
        twilio.close();
    }

    @Override
    protected Channel newChannel() {
        return new ChannelInFront(TwilioChannel.of(settings)) {
            @Override
            public SendResult send(OutboundMessage message) {
                try {
                    return super.send(message);
                } finally {
                    comeBack();
                }
            }
        };
    }

    @Override
    protected void providerWill(ProviderBehaviour behaviour) {
        switch (behaviour) {
            case ACCEPTS -> twilio.answers(Answer.accepted());
            case ASKS_TO_WAIT -> twilio.answers(Answer.status(429).retryAfter(2));
            case REFUSES -> twilio.answers(Answer.error(400, 21211, "The 'To' number is not a valid phone number"));
            case WANTS_A_TEMPLATE -> twilio.answers(Answer.error(400, 63016, "Outside the allowed window"));
            case ACCEPTS_AND_CUTS -> twilio.answers(Answer.cutAfterAcceptance());
            case ACCEPTS_UNREADABLY -> twilio.answers(Answer.unreadable201());
            case BREAKS -> twilio.answers(Answer.status(500));
            case ACCEPTS_AND_IS_SILENT -> twilio.answers(Answer.accepted().after(Duration.ofMinutes(1)));
            case IS_AWAY -> {
                twilio.close();
                isAway = true;
            }
        }
    }

    private void comeBack() {
        if (isAway) {
            isAway = false;
            int port = URI.create(twilio.baseUrl()).getPort();
            twilio = FakeTwilio.start(port, FakeTwilio.ACCOUNT_SID, FakeTwilio.AUTH_TOKEN);
        }
    }

    @Override
    protected int sendsReceived() {
        return twilio.sendRequests().size();
    }

    @Override
    protected void nextLookUpBreaks() {
        twilio.listsAlways(Answer.status(503));
    }

    @Override
    protected ConversationAddress address() {
        return Sends.ADDRESS;
    }

    /** As Twilio's, whose list is asked by time. */
    @Override
    protected Instant now() {
        return Instant.now();
    }
}
