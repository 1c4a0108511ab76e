-- handoff, schema version 1, PostgreSQL 15 and later. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- Every key starts with the tenant, so that each table can be partitioned or distributed by it. There are no foreign
-- keys between these tables: they would take locks on rows that are hot already, in an order that nobody chose.

CREATE TABLE IF NOT EXISTS ${prefix}conversation (
    tenant             text        NOT NULL,
    id                 uuid        NOT NULL,
    address_key        text        NOT NULL, -- a hash of channel, inbox and customer, which may be of any length
    open_key           text,                 -- the same while the conversation is open, else null
    channel            text        NOT NULL,
    inbox              text        NOT NULL,
    customer           text        NOT NULL,
    customer_name      text,
    status             text        NOT NULL,
    handoff_at         timestamptz,
    handoff_reason     text,
    handoff_summary    text,
    handoff_queue      text,
    handoff_priority   integer,
    handoff_escalated  boolean,
    agent_id           text,
    hand_back_since    timestamptz,
    hand_back_at       timestamptz,
    hand_back_agent    text,
    hand_back_reason   text,
    hand_back_summary  text,
    answered_seq       bigint      NOT NULL,
    bot_failures       integer     NOT NULL,
    bot_turns          integer     NOT NULL,
    epoch              bigint      NOT NULL,
    version            bigint      NOT NULL,
    last_seq           bigint      NOT NULL,
    event_seq          bigint      NOT NULL,
    inbound_seq        bigint      NOT NULL,
    last_inbound_at    timestamptz,
    deadline_kind      text,
    deadline_at        timestamptz,
    warn_at            timestamptz,
    due_at             timestamptz,          -- when the sweeper looks at it; later than the deadline after a failure
    previous_id        uuid,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    closed_at          timestamptz,
    -- The bot's claim is apart from the state that the version guards: claiming does not raise the version, and no
    -- commit overwrites a claim that it has not read.
    bot_token          uuid,
    bot_lease_until    timestamptz,
    bot_attempts       integer     NOT NULL DEFAULT 0,
    bot_not_before     timestamptz,
    PRIMARY KEY (tenant, id),
    CONSTRAINT ${prefix}one_open UNIQUE (tenant, open_key),
    CONSTRAINT ${prefix}open_has_deadline CHECK (
        (status IN ('PENDING', 'PROGRESS', 'HUMAN_HANDOFF'))
            = (deadline_at IS NOT NULL AND due_at IS NOT NULL AND open_key IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE INDEX IF NOT EXISTS ${prefix}conversation_address
    ON ${prefix}conversation (tenant, address_key, closed_at DESC) WHERE open_key IS NULL;
CREATE INDEX IF NOT EXISTS ${prefix}conversation_due
    ON ${prefix}conversation (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${prefix}conversation_bot_owes
    ON ${prefix}conversation (updated_at) WHERE status = 'PROGRESS' AND answered_seq < inbound_seq;
CREATE INDEX IF NOT EXISTS ${prefix}conversation_waiting
    ON ${prefix}conversation (tenant, handoff_priority DESC, handoff_at, id)
    WHERE status = 'HUMAN_HANDOFF' AND agent_id IS NULL;
CREATE INDEX IF NOT EXISTS ${prefix}conversation_latest
    ON ${prefix}conversation (tenant, updated_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS ${prefix}conversation_open
    ON ${prefix}conversation (tenant, updated_at DESC, id DESC) WHERE open_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${prefix}conversation_agent
    ON ${prefix}conversation (tenant, agent_id, updated_at DESC, id DESC) WHERE agent_id IS NOT NULL;
-- A hash, since an address may be longer than a B-tree's entry.
CREATE INDEX IF NOT EXISTS ${prefix}conversation_customer ON ${prefix}conversation USING hash (customer);

CREATE TABLE IF NOT EXISTS ${prefix}message (
    tenant        text        NOT NULL,
    conversation  uuid        NOT NULL,
    seq           bigint      NOT NULL,
    owner         text        NOT NULL,
    agent_id      text,
    direction     text        NOT NULL,
    body          text,
    media         text,       -- JSON, kept as it was written: jsonb would forget the order of the fields
    template      text,
    fields        text,
    provider_id   text,
    delivery      text,
    error         text,
    epoch         bigint      NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, conversation, seq)
);

CREATE TABLE IF NOT EXISTS ${prefix}event (
    tenant        text        NOT NULL,
    conversation  uuid        NOT NULL,
    seq           bigint      NOT NULL,
    event_type    text        NOT NULL,
    actor         text        NOT NULL,
    happened_at   timestamptz NOT NULL,
    data          text        NOT NULL,
    PRIMARY KEY (tenant, conversation, seq)
);

CREATE TABLE IF NOT EXISTS ${prefix}outbox (
    tenant         text        NOT NULL,
    conversation   uuid        NOT NULL,
    seq            bigint      NOT NULL,
    channel        text        NOT NULL,
    inbox          text        NOT NULL,
    customer       text        NOT NULL,
    owner          text        NOT NULL,
    epoch          bigint      NOT NULL,
    fenced         boolean     NOT NULL DEFAULT false,
    state          text        NOT NULL,
    delivery_rank  integer     NOT NULL DEFAULT 0,
    attempt        integer     NOT NULL DEFAULT 0,
    look_ups       integer     NOT NULL DEFAULT 0,
    token          uuid,
    queued_at      timestamptz NOT NULL,
    due_at         timestamptz NOT NULL, -- QUEUED: may be sent; DISPATCHING: its lease ends; UNKNOWN: may be looked up
    attempted_at   timestamptz,
    failed_at      timestamptz,
    provider_id    text,
    error          text,
    PRIMARY KEY (tenant, conversation, seq)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE INDEX IF NOT EXISTS ${prefix}outbox_open
    ON ${prefix}outbox (tenant, conversation, seq) WHERE state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN');
CREATE INDEX IF NOT EXISTS ${prefix}outbox_due
    ON ${prefix}outbox (state, due_at) WHERE state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN');
CREATE INDEX IF NOT EXISTS ${prefix}outbox_failed
    ON ${prefix}outbox (tenant, failed_at DESC) WHERE state = 'FAILED';

CREATE TABLE IF NOT EXISTS ${prefix}attempt (
    tenant        text        NOT NULL,
    token         uuid        NOT NULL,
    conversation  uuid        NOT NULL,
    seq           bigint      NOT NULL,
    attempt       integer     NOT NULL,
    channel       text        NOT NULL,
    attempted_at  timestamptz NOT NULL,
    provider_id   text,
    failed        boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, token),
    CONSTRAINT ${prefix}attempt_provider UNIQUE (tenant, channel, provider_id)
);

CREATE INDEX IF NOT EXISTS ${prefix}attempt_message ON ${prefix}attempt (tenant, conversation, seq);

CREATE TABLE IF NOT EXISTS ${prefix}dedupe (
    tenant         text        NOT NULL,
    kind           text        NOT NULL,
    once_key       text        NOT NULL,
    fingerprint    text        NOT NULL,
    conversation   uuid        NOT NULL,
    message_seq    bigint,
    in_flight      text,       -- the places of the messages that were in flight, with commas between; null for none
    state_after    text,       -- the conversation after a command, as JSON
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, kind, once_key)
);

CREATE INDEX IF NOT EXISTS ${prefix}dedupe_old ON ${prefix}dedupe (created_at) WHERE kind <> 'INBOUND';

CREATE TABLE IF NOT EXISTS ${prefix}agent (
    tenant        text    NOT NULL,
    id            text    NOT NULL,
    role          text    NOT NULL,
    capacity      integer,
    availability  text    NOT NULL,
    load          integer NOT NULL,
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 50);

-- What was committed and has no place in the feed yet. Its ids are given in the order of commits within a conversation,
-- since they are drawn under its lock, and in no particular order between conversations.
CREATE TABLE IF NOT EXISTS ${prefix}feed_pending (
    tenant        text        NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    conversation  uuid,
    seq           bigint,
    event_type    text        NOT NULL,
    actor         text        NOT NULL,
    happened_at   timestamptz NOT NULL,
    data          text        NOT NULL,
    PRIMARY KEY (tenant, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE IF NOT EXISTS ${prefix}feed (
    tenant        text        NOT NULL,
    pos           bigint      NOT NULL,
    conversation  uuid,
    seq           bigint,
    event_type    text        NOT NULL,
    actor         text        NOT NULL,
    happened_at   timestamptz NOT NULL,
    data          text        NOT NULL,
    PRIMARY KEY (tenant, pos)
);

CREATE TABLE IF NOT EXISTS ${prefix}feed_head (
    tenant  text   NOT NULL PRIMARY KEY,
    pos     bigint NOT NULL
) WITH (fillfactor = 50);
