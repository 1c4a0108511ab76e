package dev.handoff.runner.conversations;

import dev.handoff.AgentDesk;
import dev.handoff.Handoff;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.HumanHandoff;
import dev.handoff.model.MessageId;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.RequestBody;
import dev.handoff.runner.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What agents may do in conversations. The library decides; here it is put into HTTP and back. */
public final class CommandRoutes implements Routes {
    private static final Logger log = LoggerFactory.getLogger(CommandRoutes.class);
    private static final int LONGEST_COMMAND_ID = 200;
    private static final int LONGEST_NAME = 200;

    /** One command, from a desk that is guarded by what the body says. */
    private interface Action {
        CommandResult carryOut(AgentDesk desk, Conversation before, RequestBody body);
    }

    private final Handoff handoff;

    public CommandRoutes(Handoff handoff) {
        this.handoff = handoff;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        change(routes, "handoff", (desk, before, body) -> desk.requestHandoff(before.id(), request(before, body)));
        change(routes, "assign", (desk, before, body) -> {
            String agentId = body.text("agentId");
            return agentId == null ? desk.assign(before.id()) : desk.assign(before.id(), agentId);
        });
        change(routes, "takeover", (desk, before, body) -> desk.takeOver(before.id()));
        change(routes, "transfer", CommandRoutes::transfer);
        change(
                routes,
                "release",
                (desk, before, body) -> desk.releaseToBot(before.id(), body.text("reason"), body.text("summary")));
        change(routes, "close", (desk, before, body) -> desk.close(before.id(), body.text("reason")));
        adds(routes, "messages", (desk, before, body) -> desk.reply(before.id(), AgentAnswer.read(body, before)));
        adds(routes, "notes", (desk, before, body) -> {
            String text = body.text("text");
            return desk.note(before.id(), text == null ? "" : text);
        });
    }

    /** A command that answers with the conversation as it has become. */
    private void change(RoutesConfig routes, String name, Action action) {
        routes.post(
                "/api/conversations/{id}/" + name,
                ctx -> Json.answer(ctx, 200, Answers.changed(carryOut(ctx, name, action))));
    }

    /** A command that answers with the message that it has added. */
    private void adds(RoutesConfig routes, String name, Action action) {
        routes.post("/api/conversations/{id}/" + name, ctx -> {
            MessageId added = Objects.requireNonNull(carryOut(ctx, name, action).message(), "no message was added");
            Json.answer(
                    ctx,
                    201,
                    JsonMessage.of(handoff.history()
                            .message(added)
                            .orElseThrow(() -> new IllegalStateException(added + " was committed and is not there"))));
        });
    }

    private CommandResult.Done carryOut(Context ctx, String name, Action action) {
        Agent agent = Bearer.agent(ctx);
        ConversationId id = PathIds.conversation(ctx);
        RequestBody body = RequestBody.of(ctx);
        Long epoch = body.integer("epoch");
        String commandId = body.text("commandId");
        Conversation before = handoff.history().conversation(id).orElseThrow(PathIds::unknownConversation);
        requireUsable(commandId, before);
        AgentDesk desk = handoff.as(agent).with(new Guard(epoch, commandId));
        try {
            CommandResult.Done done = Answers.doneOrProblem(action.carryOut(desk, before, body));
            log.info(
                    "{} by {} in {}: epoch {}",
                    name,
                    agent.id(),
                    id.text(),
                    done.conversation().epoch());
            return done;
        } catch (Problem refused) {
            log.info("{} by {} in {} refused: {}", name, agent.id(), id.text(), refused.status());
            throw refused;
        }
    }

    private static void requireUsable(@Nullable String commandId, Conversation before) {
        if (commandId != null && (commandId.isBlank() || commandId.length() > LONGEST_COMMAND_ID)) {
            throw Answers.badContent("'commandId' must have 1 to " + LONGEST_COMMAND_ID + " characters", before);
        }
    }

    /** Skills are read, so that a wrong type is told; where a conversation waits is said by its queue alone. */
    private static HandoffRequest request(Conversation before, RequestBody body) {
        body.texts("skills");
        String reason = body.text("reason");
        String queue = body.text("queue");
        Long priority = body.integer("priority");
        if (priority != null && priority != priority.intValue()) {
            throw Problem.unreadable("'priority' is too large a number");
        }
        return new HandoffRequest(
                reason == null ? "agent_request" : reason,
                body.text("summary"),
                queue == null ? HumanHandoff.DEFAULT_QUEUE : usableQueue(queue, before),
                priority == null ? 0 : priority.intValue(),
                null);
    }

    private static CommandResult transfer(AgentDesk desk, Conversation before, RequestBody body) {
        String agentId = body.text("agentId");
        String queue = body.text("queue");
        String note = body.text("note");
        if ((agentId == null) == (queue == null)) {
            throw Answers.badContent("a transfer needs either an agentId or a queue", before);
        }
        return agentId != null
                ? desk.transferToAgent(before.id(), agentId, note)
                : desk.transferToQueue(before.id(), usableQueue(String.valueOf(queue), before), note);
    }

    private static String usableQueue(String queue, Conversation before) {
        if (queue.isBlank() || queue.length() > LONGEST_NAME) {
            throw Answers.badContent("a queue's name has 1 to " + LONGEST_NAME + " characters", before);
        }
        return queue;
    }
}
