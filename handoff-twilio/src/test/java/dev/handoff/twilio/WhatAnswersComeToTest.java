package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Each answer that Twilio may give to a send, on a real connection, followed by the real engine to the message's end. The
 * table that comes of it is the README's; {@code -Dhandoff.print=true} writes it anew.
 */
class WhatAnswersComeToTest {
    private static final String BEGIN = "<!-- answers -->\n";
    private static final String END = "<!-- /answers -->";

    private static final Map<String, Answer> ANSWERS = new LinkedHashMap<>();

    static {
        ANSWERS.put("201", Answer.accepted());
        ANSWERS.put("400", Answer.error(400, 21211, "Invalid 'To' Phone Number"));
        ANSWERS.put("400, outside the window", Answer.error(400, 63016, "only templates now"));
        ANSWERS.put("401", Answer.error(401, 20003, "Authenticate"));
        ANSWERS.put("404", Answer.error(404, 20404, "The requested resource was not found"));
        ANSWERS.put("429", Answer.status(429));
        ANSWERS.put("429 with `Retry-After: 30`", Answer.status(429).retryAfter(30));
        ANSWERS.put("500", Answer.status(500));
        ANSWERS.put("502 with a page of HTML", Answer.html502());
        ANSWERS.put("503", Answer.status(503));
        ANSWERS.put("503, though it was accepted", Answer.status(503).butAccepted());
        ANSWERS.put("none within the read time-out", Answer.accepted().after(Duration.ofMinutes(5)));
        ANSWERS.put("cut after acceptance", Answer.cutAfterAcceptance());
        ANSWERS.put("cut before acceptance", Answer.cutBeforeAcceptance());
        ANSWERS.put("201 that cannot be read", Answer.unreadable201());
    }

    @Test
    void I4_one_attempt_is_one_request_and_the_readme_says_what_follows() throws IOException {
        StringJoiner table = new StringJoiner("\n", "", "\n")
                .add("| Twilio's answer | requests | result | what follows |")
                .add("|---|---|---|---|");
        ANSWERS.forEach((name, answer) -> {
            Story story = Story.of(answer);
            assertThat(story.requestsOfFirstAttempt).as(name).isEqualTo(1);
            assertThat(story.copies).as(name).isLessThanOrEqualTo(1);
            table.add(story.row(name));
        });
        Story refused = Story.of(null);
        assertThat(refused.requestsOfFirstAttempt).isZero();
        table.add(refused.row("none: the connection is refused"));

        System.out.println(table);
        readmeHolds(table.toString());
    }

    private static void readmeHolds(String table) throws IOException {
        Path readme = Path.of("").toAbsolutePath();
        while (!Files.exists(readme.resolve("README.md"))) {
            readme = readme.getParent();
        }
        readme = readme.resolve("README.md");
        String text = Files.readString(readme);
        assertThat(text).as("the README's markers").contains(BEGIN, END);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        int to = text.indexOf(END, from);
        if (Boolean.getBoolean("handoff.print")) {
            Files.writeString(readme, text.substring(0, from) + table + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to))
                .as("the README's table is out of date; write it anew with mvn -pl handoff-twilio -am test"
                        + " -Dtest=WhatAnswersComeToTest -Dsurefire.failIfNoSpecifiedTests=false -Dhandoff.print=true")
                .isEqualTo(table);
    }

    /** What becomes of one message whose first attempt is answered so, second by second; all others are accepted. */
    private static final class Story {
        private static final int SECONDS = 120;

        private final StringJoiner steps = new StringJoiner("; ");
        private String result = "";
        private int requestsOfFirstAttempt;
        private int copies;

        /** @param answer null if nobody listens when the first attempt is made */
        static Story of(@Nullable Answer answer) {
            Story story = new Story();
            FakeTwilio twilio = FakeTwilio.start();
            try {
                story.play(twilio, answer);
            } finally {
                twilio.close();
            }
            return story;
        }

        String row(String name) {
            return "| " + name + " | " + requestsOfFirstAttempt + " | `" + result + "` | " + steps + " |";
        }

        private void play(FakeTwilio first, @Nullable Answer answer) {
            FakeTwilio twilio = first;
            Watched channel = new Watched(
                    TwilioChannel.of(Sends.settings(twilio).build()),
                    TwilioChannel.of(Sends.settings(twilio)
                            .readTimeout(Duration.ofMillis(1_500))
                            .build()),
                    answer == ANSWERS.get("none within the read time-out"));
            try (TwilioRig rig = new TwilioRig(channel, OutboundSettings.defaults())) {
                MessageId id = rig.reply(rig.conversation(Sends.ADDRESS), Content.text("oi"));
                if (answer == null) {
                    twilio.close();
                } else {
                    twilio.answers(answer);
                }
                while (channel.results.isEmpty()) {
                    rig.dispatch();
                }
                requestsOfFirstAttempt = twilio.requests().size();
                result = channel.results.get(0).getClass().getSimpleName();
                if (answer == null) {
                    int port = Integer.parseInt(twilio.baseUrl().replaceFirst(".*:", ""));
                    twilio = FakeTwilio.start(port, twilio.accountSid(), twilio.authToken());
                }
                follow(rig, channel, id);
                copies = twilio.messages().size();
            } finally {
                twilio.close();
            }
        }

        private void follow(TwilioRig rig, Watched channel, MessageId id) {
            int sends = channel.results.size();
            int lookUps = 0;
            for (int second = 0; second <= SECONDS; second++) {
                Message message = rig.message(id);
                if (message.delivery() == Delivery.SENT) {
                    if (steps.length() == 0) {
                        steps.add("sent");
                    }
                    return;
                }
                if (message.delivery() == Delivery.FAILED) {
                    steps.add("dead letter: “" + message.error() + "”");
                    return;
                }
                rig.advance(Duration.ofSeconds(1));
                String after = " after " + (second + 1) + " s";
                rig.lookUp();
                boolean lookedUp = channel.lookUps.size() > lookUps;
                if (lookedUp) {
                    LookupResult found = channel.lookUps.get(lookUps++);
                    steps.add("looked up" + after + ": "
                            + (found instanceof LookupResult.Found ? "Twilio has it" : "not found"));
                }
                rig.dispatch();
                if (channel.results.size() > sends) {
                    sends++;
                    // The back-off is a random part of a second.
                    steps.add(lookedUp ? "sent again at once" : "sent again within " + (second + 1) + " s");
                }
            }
            throw new AssertionError("after " + SECONDS + " s nobody knows what became of it: " + steps);
        }
    }

    /** The channel, and what it has said; it is impatient in its first send, if at all. */
    private static final class Watched implements Channel {
        private final TwilioChannel patient;
        private final TwilioChannel impatient;
        private final boolean isImpatient;
        private final List<SendResult> results = new ArrayList<>();
        private final List<LookupResult> lookUps = new ArrayList<>();

        Watched(TwilioChannel patient, TwilioChannel impatient, boolean isImpatient) {
            this.patient = patient;
            this.impatient = impatient;
            this.isImpatient = isImpatient;
        }

        @Override
        public synchronized SendResult send(OutboundMessage message) {
            SendResult result = (isImpatient && results.isEmpty() ? impatient : patient).send(message);
            results.add(result);
            return result;
        }

        @Override
        public synchronized LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            LookupResult result = patient.lookUp(message, boundElsewhere);
            lookUps.add(result);
            return result;
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
