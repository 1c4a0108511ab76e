-- handoff, schema version 4, H2. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- What all nodes know together of a sender: when it may send next, and whether its provider can be reached.

CREATE TABLE IF NOT EXISTS ${prefix}sender (
    tenant             varchar                     NOT NULL,
    channel            varchar                     NOT NULL,
    inbox_key          varchar                     NOT NULL, -- the inbox
    inbox              varchar                     NOT NULL,
    version            bigint                      NOT NULL,
    next_at            timestamp(6) with time zone NOT NULL,
    rests_until        timestamp(6) with time zone NOT NULL,
    failures           integer                     NOT NULL,
    failing_since      timestamp(6) with time zone,
    pause              bigint                      NOT NULL, -- microseconds
    served_at          timestamp(6) with time zone NOT NULL,
    PRIMARY KEY (tenant, channel, inbox_key)
);

CREATE INDEX IF NOT EXISTS ${prefix}outbox_sender
    ON ${prefix}outbox (state, tenant, channel, inbox, owner, due_at);
