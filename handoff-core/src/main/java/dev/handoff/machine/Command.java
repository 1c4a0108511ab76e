package dev.handoff.machine;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.HandoffRequest;
import org.jspecify.annotations.Nullable;

/** All that can be asked of a conversation. */
public sealed interface Command {

    /** Who asks. */
    Actor actor();

    /** The customer wrote. */
    record Receive(InboundMessage message) implements Command {
        @Override
        public Actor actor() {
            return new Actor.Customer();
        }
    }

    /**
     * The bot has thought of a reply, in the epoch and to the messages that its turn was given.
     *
     * @param epoch the control epoch of the turn
     * @param upTo the last customer message that the turn knew
     */
    record BotReplies(long epoch, long upTo, BotReply reply) implements Command {
        @Override
        public Actor actor() {
            return new Actor.Bot();
        }
    }

    /**
     * The bot threw, took too long, or answered nothing.
     *
     * @param lastAttempt whether the turn is not to be tried again: then a human is called whatever the policy says
     */
    record BotFails(long epoch, long upTo, String cause, boolean lastAttempt) implements Command {
        @Override
        public Actor actor() {
            return new Actor.Bot();
        }
    }

    /** A human is wanted. */
    record RequestHandoff(Actor actor, HandoffRequest request) implements Command {}

    /** A waiting conversation is given to an agent: the one who asks, or by a supervisor another. */
    record AssignAgent(Actor.Human actor, Agent agent) implements Command {}

    /** An agent takes control now: from the bot, the queue or, as a supervisor, from another agent. */
    record TakeOver(Agent agent) implements Command {
        @Override
        public Actor.Human actor() {
            return agent.asActor();
        }
    }

    /** The conversation goes to another agent. */
    record TransferToAgent(
            Actor.Human actor, Agent agent, @Nullable String note) implements Command {}

    /** The conversation goes to a queue. */
    record TransferToQueue(
            Actor.Human actor, String queue, @Nullable String note) implements Command {}

    /** The bot gets control back. */
    record ReleaseToBot(
            Actor actor, @Nullable String reason, @Nullable String summary) implements Command {}

    /** An agent finishes the conversation. */
    record Close(Actor.Human actor, @Nullable String reason) implements Command {}

    /** The host finishes the conversation: as USER_CLOSED, or as FAILED. */
    record End(Actor actor, boolean failed, String reason) implements Command {}

    /** The agent who holds the conversation answers. */
    record AgentReplies(Actor.Human actor, Content content) implements Command {}

    /** An agent leaves a note that is never sent. */
    record AddNote(Actor.Human actor, String text) implements Command {}

    /** The sweeper found that a deadline or its warning is due. */
    record DeadlinePasses() implements Command {
        @Override
        public Actor actor() {
            return new Actor.Clock();
        }
    }

    /** The command's name as people say it: {@code requestHandoff}. */
    default String label() {
        return labelOf(getClass());
    }

    /** The name of a kind of command as people say it: {@code requestHandoff}. */
    static String labelOf(Class<? extends Command> kind) {
        String name = kind.getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
