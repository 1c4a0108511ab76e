package dev.handoff.runner.conversations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Rejection;
import dev.handoff.model.Conversation;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.Problem;
import java.util.Locale;

/** What a command came to, in HTTP. */
final class Answers {

    private Answers() {}

    /** The command's success, or the problem that it ran into. */
    static CommandResult.Done doneOrProblem(CommandResult result) {
        if (result instanceof CommandResult.Done done) {
            return done;
        }
        if (result instanceof CommandResult.Refused refused) {
            throw refusal(refused.reason(), refused.conversation());
        }
        throw PathIds.unknownConversation();
    }

    static ObjectNode changed(CommandResult.Done done) {
        ObjectNode json = Json.object();
        json.set("conversation", JsonConversation.of(done.conversation()));
        ArrayNode inFlight = json.putArray("inFlight");
        done.inFlight().forEach(id -> inFlight.add(id.text()));
        return json;
    }

    /** 422: what was asked cannot be carried out as it is written. */
    static Problem badContent(String detail, Conversation conversation) {
        return new Problem(422, "bad-content", detail, JsonConversation.of(conversation));
    }

    private static Problem refusal(Rejection reason, Conversation conversation) {
        ObjectNode snapshot = JsonConversation.of(conversation);
        return new Problem(status(reason), type(reason), reason.detail(), snapshot);
    }

    private static int status(Rejection reason) {
        if (reason instanceof Rejection.NotTheHolder || reason instanceof Rejection.SupervisorsOnly) {
            return 403;
        }
        boolean unprocessable = reason instanceof Rejection.NotLegal
                || reason instanceof Rejection.BadContent
                || reason instanceof Rejection.UnknownAgent
                || reason instanceof Rejection.CommandIdReused;
        return unprocessable ? 422 : 409;
    }

    /** The rejection's name with dashes: {@code StaleEpoch} is {@code stale-epoch}. */
    private static String type(Rejection reason) {
        return reason.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])([A-Z])", "-$1")
                .toLowerCase(Locale.ROOT);
    }
}
