package dev.handoff.model;

/** Who brings something about. */
public sealed interface Actor {
    /** The customer. */
    record Customer() implements Actor {
        @Override
        public String toString() {
            return "customer";
        }
    }

    /** The bot. */
    record Bot() implements Actor {
        @Override
        public String toString() {
            return "bot";
        }
    }

    /** A human agent, with the role that says what they may do. */
    record Human(String agentId, AgentRole role) implements Actor {
        @Override
        public String toString() {
            return "agent:" + agentId;
        }
    }

    /** The host application. */
    record Host() implements Actor {
        @Override
        public String toString() {
            return "host";
        }
    }

    /** The deadline sweeper. */
    record Clock() implements Actor {
        @Override
        public String toString() {
            return "clock";
        }
    }

    /** The channel's provider. */
    record Provider(String channel) implements Actor {
        @Override
        public String toString() {
            return "channel:" + channel;
        }
    }
}
