-- handoff, schema version 1, H2 2.x. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- Every key starts with the tenant, so that each table can be partitioned or distributed by it. There are no foreign
-- keys between these tables: they would take locks on rows that are hot already, in an order that nobody chose.
-- H2 has no partial indexes, so that these are whole.

CREATE TABLE IF NOT EXISTS ${prefix}conversation (
    tenant             varchar                     NOT NULL,
    id                 uuid                        NOT NULL,
    address_key        varchar                     NOT NULL, -- a hash of channel, inbox, customer
    open_key           varchar,                     -- the same while the conversation is open, else null
    channel            varchar                     NOT NULL,
    inbox              varchar                     NOT NULL,
    customer           varchar                     NOT NULL,
    customer_name      varchar,
    status             varchar                     NOT NULL,
    handoff_at         timestamp(6) with time zone,
    handoff_reason     varchar,
    handoff_summary    varchar,
    handoff_queue      varchar,
    handoff_priority   integer,
    handoff_escalated  boolean,
    agent_id           varchar,
    hand_back_since    timestamp(6) with time zone,
    hand_back_at       timestamp(6) with time zone,
    hand_back_agent    varchar,
    hand_back_reason   varchar,
    hand_back_summary  varchar,
    answered_seq       bigint                      NOT NULL,
    bot_failures       integer                     NOT NULL,
    bot_turns          integer                     NOT NULL,
    epoch              bigint                      NOT NULL,
    version            bigint                      NOT NULL,
    last_seq           bigint                      NOT NULL,
    event_seq          bigint                      NOT NULL,
    inbound_seq        bigint                      NOT NULL,
    last_inbound_at    timestamp(6) with time zone,
    deadline_kind      varchar,
    deadline_at        timestamp(6) with time zone,
    warn_at            timestamp(6) with time zone,
    due_at             timestamp(6) with time zone, -- when the sweeper looks at it
    previous_id        uuid,
    created_at         timestamp(6) with time zone NOT NULL,
    updated_at         timestamp(6) with time zone NOT NULL,
    closed_at          timestamp(6) with time zone,
    -- The bot's claim is apart from the state that the version guards: claiming does not raise the version, and no
    -- commit overwrites a claim that it has not read.
    bot_token          uuid,
    bot_lease_until    timestamp(6) with time zone,
    bot_attempts       integer                     NOT NULL DEFAULT 0,
    bot_not_before     timestamp(6) with time zone,
    PRIMARY KEY (tenant, id),
    CONSTRAINT ${prefix}one_open UNIQUE (tenant, open_key),
    CONSTRAINT ${prefix}open_has_deadline CHECK (
        (status IN ('PENDING', 'PROGRESS', 'HUMAN_HANDOFF'))
            = (deadline_at IS NOT NULL AND due_at IS NOT NULL AND open_key IS NOT NULL))
);

CREATE INDEX IF NOT EXISTS ${prefix}conversation_address
    ON ${prefix}conversation (tenant, address_key, closed_at DESC);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_due
    ON ${prefix}conversation (due_at);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_bot_owes
    ON ${prefix}conversation (status, updated_at);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_waiting
    ON ${prefix}conversation (tenant, status, agent_id, handoff_priority DESC, handoff_at, id);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_latest
    ON ${prefix}conversation (tenant, updated_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_agent
    ON ${prefix}conversation (tenant, agent_id, updated_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_customer ON ${prefix}conversation (tenant, customer);

CREATE TABLE IF NOT EXISTS ${prefix}message (
    tenant             varchar                     NOT NULL,
    conversation       uuid                        NOT NULL,
    seq                bigint                      NOT NULL,
    owner              varchar                     NOT NULL,
    agent_id           varchar,
    direction          varchar                     NOT NULL,
    body               clob,
    media              varchar,                     -- JSON, kept as it was written: jsonb would forget the order of the fields
    template           varchar,
    fields             varchar,
    provider_id        varchar,
    delivery           varchar,
    error              varchar,
    epoch              bigint                      NOT NULL,
    created_at         timestamp(6) with time zone NOT NULL,
    PRIMARY KEY (tenant, conversation, seq)
);

CREATE TABLE IF NOT EXISTS ${prefix}event (
    tenant             varchar                     NOT NULL,
    conversation       uuid                        NOT NULL,
    seq                bigint                      NOT NULL,
    event_type         varchar                     NOT NULL,
    actor              varchar                     NOT NULL,
    happened_at        timestamp(6) with time zone NOT NULL,
    data               varchar                     NOT NULL,
    PRIMARY KEY (tenant, conversation, seq)
);

CREATE TABLE IF NOT EXISTS ${prefix}outbox (
    tenant             varchar                     NOT NULL,
    conversation       uuid                        NOT NULL,
    seq                bigint                      NOT NULL,
    channel            varchar                     NOT NULL,
    inbox              varchar                     NOT NULL,
    customer           varchar                     NOT NULL,
    owner              varchar                     NOT NULL,
    epoch              bigint                      NOT NULL,
    fenced             boolean                     NOT NULL DEFAULT false,
    state              varchar                     NOT NULL,
    delivery_rank      integer                     NOT NULL DEFAULT 0,
    attempt            integer                     NOT NULL DEFAULT 0,
    look_ups           integer                     NOT NULL DEFAULT 0,
    token              uuid,
    queued_at          timestamp(6) with time zone NOT NULL,
    due_at             timestamp(6) with time zone NOT NULL, -- may be sent, lease ends, may be looked up
    attempted_at       timestamp(6) with time zone,
    failed_at          timestamp(6) with time zone,
    provider_id        varchar,
    error              varchar,
    PRIMARY KEY (tenant, conversation, seq)
);

CREATE INDEX IF NOT EXISTS ${prefix}outbox_due
    ON ${prefix}outbox (state, due_at);
CREATE INDEX IF NOT EXISTS ${prefix}outbox_failed
    ON ${prefix}outbox (tenant, state, failed_at DESC);

CREATE TABLE IF NOT EXISTS ${prefix}attempt (
    tenant             varchar                     NOT NULL,
    token              uuid                        NOT NULL,
    conversation       uuid                        NOT NULL,
    seq                bigint                      NOT NULL,
    attempt            integer                     NOT NULL,
    channel            varchar                     NOT NULL,
    attempted_at       timestamp(6) with time zone NOT NULL,
    provider_id        varchar,
    failed             boolean                     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, token),
    CONSTRAINT ${prefix}attempt_provider UNIQUE (tenant, channel, provider_id)
);

CREATE INDEX IF NOT EXISTS ${prefix}attempt_message ON ${prefix}attempt (tenant, conversation, seq);

CREATE TABLE IF NOT EXISTS ${prefix}dedupe (
    tenant             varchar                     NOT NULL,
    kind               varchar                     NOT NULL,
    once_key           varchar                     NOT NULL,
    fingerprint        varchar                     NOT NULL,
    conversation       uuid                        NOT NULL,
    message_seq        bigint,
    in_flight          varchar,                     -- the places of the messages that were in flight, with commas between; null for none
    state_after        varchar,                     -- the conversation after a command, as JSON
    created_at         timestamp(6) with time zone NOT NULL,
    PRIMARY KEY (tenant, kind, once_key)
);

CREATE INDEX IF NOT EXISTS ${prefix}dedupe_old ON ${prefix}dedupe (created_at);

CREATE TABLE IF NOT EXISTS ${prefix}agent (
    tenant             varchar                     NOT NULL,
    id                 varchar                     NOT NULL,
    role               varchar                     NOT NULL,
    capacity           integer,
    availability       varchar                     NOT NULL,
    load               integer                     NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What was committed and has no place in the feed yet. Its ids are given in the order of commits within a conversation,
-- since they are drawn under its lock, and in no particular order between conversations.
CREATE TABLE IF NOT EXISTS ${prefix}feed_pending (
    tenant             varchar                     NOT NULL,
    id                 bigint                      GENERATED ALWAYS AS IDENTITY,
    conversation       uuid,
    seq                bigint,
    event_type         varchar                     NOT NULL,
    actor              varchar                     NOT NULL,
    happened_at        timestamp(6) with time zone NOT NULL,
    data               varchar                     NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE IF NOT EXISTS ${prefix}feed (
    tenant             varchar                     NOT NULL,
    pos                bigint                      NOT NULL,
    conversation       uuid,
    seq                bigint,
    event_type         varchar                     NOT NULL,
    actor              varchar                     NOT NULL,
    happened_at        timestamp(6) with time zone NOT NULL,
    data               varchar                     NOT NULL,
    PRIMARY KEY (tenant, pos)
);

CREATE TABLE IF NOT EXISTS ${prefix}feed_head (
    tenant             varchar                     NOT NULL PRIMARY KEY,
    pos                bigint                      NOT NULL
);
