package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.ReadmeBlock;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.testing.ManualTime;
import dev.handoff.testkit.ChannelInFront;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the whole library makes of everything that can come of one request to Twilio; the README shows the table. */
class WhatAnswersComeToTest {

    /** What comes of a request; the first column of the table. */
    private record Situation(String name, Consumer<FakeTwilio> twilioWill) {
        static Situation answered(String name, Answer answer) {
            return new Situation(name, twilio -> twilio.answersAlways(answer));
        }
    }

    private static final List<Situation> SITUATIONS = List.of(
            Situation.answered("201", Answer.accepted()),
            Situation.answered("201, unreadable", Answer.unreadable201()),
            Situation.answered("400, 21211 (no such number)", Answer.error(400, 21211, "not a number")),
            Situation.answered("400, 63016 (outside the window)", Answer.error(400, 63016, "outside the window")),
            Situation.answered("401", Answer.status(401)),
            Situation.answered("404", Answer.status(404)),
            Situation.answered("429", Answer.status(429).retryAfter(2)),
            Situation.answered("500", Answer.status(500)),
            Situation.answered("502 with HTML", Answer.html502()),
            Situation.answered("503", Answer.status(503)),
            new Situation("connection refused", FakeTwilio::close),
            Situation.answered("read time-out", Answer.accepted().after(Duration.ofMinutes(1))),
            Situation.answered("cut before Twilio took it", Answer.cutBeforeAcceptance()),
            Situation.answered("cut after Twilio took it", Answer.cutAfterAcceptance()));

    @Test
    void I4_whatever_comes_of_it_one_attempt_is_one_request_and_the_next_step_is_certain() throws IOException {
        StringBuilder table = new StringBuilder("| Twilio | requests | result | next |\n|---|---|---|---|\n");
        for (Situation situation : SITUATIONS) {
            table.append(row(situation)).append('\n');
        }
        System.out.println(table);
        ReadmeBlock.holdsTable("twilio-answers", table.toString());
    }

    private static String row(Situation situation) {
        List<SendResult> results = new ArrayList<>();
        try (FakeTwilio twilio = FakeTwilio.start()) {
            TwilioSettings settings =
                    Sends.settings(twilio).readTimeout(Duration.ofSeconds(2)).build();
            var channel = new ChannelInFront(TwilioChannel.of(settings)) {
                @Override
                public SendResult send(OutboundMessage message) {
                    results.add(super.send(message));
                    return results.get(0);
                }
            };
            try (Handoff handoff = Handoff.builder()
                    .store(new InMemoryConversationStore(new ManualTime()))
                    .channel(channel)
                    .bot(turn -> BotReply.text("oi"))
                    .build()) {
                ConversationId id = Sends.received(handoff, Sends.ADDRESS, "SM1");
                handoff.runBotTurnsOnce();
                situation.twilioWill.accept(twilio);
                handoff.dispatchOutboundOnce();

                Message message = handoff.history().messages(id, 0, 10).get(1);
                boolean refused = twilio.requests().isEmpty();
                assertThat(results).as(situation.name).hasSize(1);
                assertThat(twilio.sendRequests()).as(situation.name).hasSize(refused ? 0 : 1);
                return "| %s | %s | `%s` | %s |"
                        .formatted(
                                situation.name,
                                refused ? "1, in vain" : "1",
                                results.get(0).getClass().getSimpleName(),
                                next(message));
            }
        }
    }

    private static String next(Message message) {
        Delivery delivery = message.delivery();
        assertThat(delivery).isNotNull();
        return switch (delivery) {
            case SENT -> "sent";
            case QUEUED -> "tried again later";
            case UNKNOWN -> "waits for a callback, then looked up; never sent on a guess";
            case FAILED -> "dead letter: " + message.error();
            default -> throw new AssertionError("after an attempt it is " + delivery);
        };
    }
}
