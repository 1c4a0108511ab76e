package dev.handoff.customer;

import dev.handoff.customer.Answer.Answered;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which answer a delivery should get. */
enum Expectation {
    /** A message that Twilio would count as delivered, whatever the host replies to it in TwiML. */
    TAKEN(Expectation::takenOrObjection),
    /** A message that is stored and answered with nothing. */
    STORED(Expectation::storedOrObjection),
    /** A status callback that Twilio would count as delivered. */
    REPORTED(answer -> isSuccess(answer) ? null : "expected 2xx"),
    /** A status callback that is noted and answered with nothing. */
    NOTED(204),
    MALFORMED(400),
    FORBIDDEN(403),
    TOO_LARGE(413);

    private static final Pattern EMPTY_TWIML =
            Pattern.compile("\\s*(<\\?xml[^>]*\\?>)?\\s*<Response\\s*(/>|>\\s*</Response>)\\s*");

    /** What is wrong with an answer; null if nothing is. */
    private interface Judge {
        @Nullable
        String objection(Answered answer);
    }

    private final Judge judge;

    Expectation(Judge judge) {
        this.judge = judge;
    }

    Expectation(int status) {
        this(answer -> answer.status() == status ? null : "expected " + status);
    }

    /** What is wrong with the answer; null if it is as expected. */
    @Nullable
    String objection(Answer answer) {
        return answer instanceof Answered answered ? judge.objection(answered) : "expected an answer";
    }

    private static @Nullable String takenOrObjection(Answered answer) {
        if (answer.status() == 403) {
            return "expected 2xx; are the token, the account and the public URL the host's own?";
        }
        if (!isSuccess(answer)) {
            return "expected 2xx";
        }
        return answer.body().isBlank() || isXml(answer)
                ? null
                : "the customer would get this body as a message: answer with text/xml";
    }

    private static @Nullable String storedOrObjection(Answered answer) {
        if (answer.status() == 403) {
            return takenOrObjection(answer);
        }
        boolean silent = answer.status() == 200
                && isXml(answer)
                && EMPTY_TWIML.matcher(answer.body()).matches();
        return silent ? null : "expected 200, text/xml, <Response/>, not " + answer.contentType();
    }

    private static boolean isSuccess(Answered answer) {
        return answer.status() / 100 == 2;
    }

    private static boolean isXml(Answered answer) {
        String type = answer.contentType() == null ? "" : answer.contentType().toLowerCase(Locale.ROOT);
        return type.startsWith("text/xml") || type.startsWith("application/xml");
    }
}
