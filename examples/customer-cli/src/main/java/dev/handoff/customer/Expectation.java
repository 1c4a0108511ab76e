package dev.handoff.customer;

import dev.handoff.customer.Answer.Answered;
import dev.handoff.customer.Answer.NoAnswer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which answer a delivery should get. */
enum Expectation {
    /** A message that Twilio would count as delivered, whatever the host replies to it in TwiML. */
    TAKEN {
        @Override
        @Nullable
        String objection(Answered answer) {
            if (answer.status() == 403) {
                return "expected 2xx; are the token, the account and the public URL the host's own?";
            }
            if (answer.status() / 100 != 2) {
                return "expected 2xx";
            }
            return answer.body().isBlank() || isXml(answer)
                    ? null
                    : "the customer would get this body as a message: answer with text/xml";
        }
    },
    /** A message that is stored and answered with nothing. */
    STORED {
        @Override
        @Nullable
        String objection(Answered answer) {
            if (answer.status() == 403) {
                return TAKEN.objection(answer);
            }
            boolean silent = answer.status() == 200
                    && isXml(answer)
                    && EMPTY_TWIML.matcher(answer.body()).matches();
            return silent ? null : "expected 200, text/xml, <Response/>, not " + answer.contentType();
        }
    },
    /** A status callback that Twilio would count as delivered. */
    REPORTED {
        @Override
        @Nullable
        String objection(Answered answer) {
            return answer.status() / 100 == 2 ? null : "expected 2xx";
        }
    },
    /** A status callback that is noted and answered with nothing. */
    NOTED {
        @Override
        @Nullable
        String objection(Answered answer) {
            return status(answer, 204);
        }
    },
    MALFORMED {
        @Override
        @Nullable
        String objection(Answered answer) {
            return status(answer, 400);
        }
    },
    FORBIDDEN {
        @Override
        @Nullable
        String objection(Answered answer) {
            return status(answer, 403);
        }
    },
    TOO_LARGE {
        @Override
        @Nullable
        String objection(Answered answer) {
            return status(answer, 413);
        }
    };

    private static final Pattern EMPTY_TWIML =
            Pattern.compile("\\s*(<\\?xml[^>]*\\?>)?\\s*<Response\\s*(/>|>\\s*</Response>)\\s*");

    /** What is wrong with the answer; null if it is as expected. */
    @Nullable
    String objection(Answer answer) {
        if (answer instanceof Answered answered) {
            return objection(answered);
        }
        return answer instanceof NoAnswer ? "expected an answer" : null;
    }

    @Nullable
    abstract String objection(Answered answer);

    private static @Nullable String status(Answered answer, int expected) {
        return answer.status() == expected ? null : "expected " + expected;
    }

    private static boolean isXml(Answered answer) {
        String type = answer.contentType() == null ? "" : answer.contentType().toLowerCase(Locale.ROOT);
        return type.startsWith("text/xml") || type.startsWith("application/xml");
    }
}
