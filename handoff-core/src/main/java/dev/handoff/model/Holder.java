package dev.handoff.model;

/** Who is in control of a conversation. The epoch rises each time this changes. */
public sealed interface Holder {
    /** The bot may speak. */
    record Bot() implements Holder {
        @Override
        public String toString() {
            return "bot";
        }
    }

    /** An agent is being waited for; neither bot nor human may speak. */
    record Queue() implements Holder {
        @Override
        public String toString() {
            return "queue";
        }
    }

    /** One agent may speak. */
    record Agent(String agentId) implements Holder {
        @Override
        public String toString() {
            return "agent:" + agentId;
        }
    }

    /** The conversation has ended. */
    record Nobody() implements Holder {
        @Override
        public String toString() {
            return "none";
        }
    }
}
