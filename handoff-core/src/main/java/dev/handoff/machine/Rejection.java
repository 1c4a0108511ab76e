package dev.handoff.machine;

import org.jspecify.annotations.Nullable;

/** Why a command was refused. Nothing has changed. */
public sealed interface Rejection {

    /** What was wrong and what to do, in a sentence. */
    String detail();

    /** The command has no meaning in this state. */
    record NotLegal(State state, String command, String detail) implements Rejection {}

    /** Control has changed since the caller looked. */
    record StaleEpoch(long onScreen, long present) implements Rejection {
        @Override
        public String detail() {
            return "control has changed since: your screen shows epoch " + onScreen + ", the conversation is at "
                    + present + "; look again and decide anew";
        }
    }

    /** Another agent holds what is to be taken. */
    record HeldByAnother(String agentId) implements Rejection {
        @Override
        public String detail() {
            return "agent " + agentId + " holds this conversation; a supervisor may take it over";
        }
    }

    /** Only the holder may do this, or a supervisor for them. */
    record NotTheHolder(@Nullable String holder) implements Rejection {
        @Override
        public String detail() {
            return holder == null
                    ? "nobody holds this conversation: take it first, or ask a supervisor"
                    : "agent " + holder + " holds this conversation: only they may do this";
        }
    }

    /** Nobody holds the conversation, so nobody may answer in it. */
    record NobodyHolds(State state) implements Rejection {
        @Override
        public String detail() {
            return "no agent holds this conversation (" + state + "): take it before you answer";
        }
    }

    /** Only supervisors may do this. */
    record SupervisorsOnly(String detail) implements Rejection {}

    /** The agent holds as many conversations as they may. */
    record CapacityReached(String agentId, int capacity) implements Rejection {
        @Override
        public String detail() {
            return "agent " + agentId + " already holds " + capacity + " conversations, as many as they may";
        }
    }

    /** What was to be said or written cannot be. */
    record BadContent(String detail) implements Rejection {}

    /** The agent to whom the conversation was to go is not known. */
    record UnknownAgent(String agentId) implements Rejection {
        @Override
        public String detail() {
            return "there is no agent '" + agentId + "'";
        }
    }

    /** The command id was used before with another body. */
    record CommandIdReused(String commandId) implements Rejection {
        @Override
        public String detail() {
            return "the command id '" + commandId + "' was used before for something else; use a fresh one";
        }
    }

    /** The turn, the deadline or the wish has been overtaken by events: there is nothing left to do. */
    record Overtaken(String detail) implements Rejection {}
}
