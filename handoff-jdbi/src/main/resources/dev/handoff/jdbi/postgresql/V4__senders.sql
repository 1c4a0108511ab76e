-- handoff, schema version 4, PostgreSQL 15 and later. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- What all nodes know together of a sender: when it may send next, and whether its provider can be reached. Its key is a
-- hash, since an address may be longer than a B-tree's entry; not MD5, which a server in FIPS mode refuses.

CREATE TABLE IF NOT EXISTS ${prefix}sender (
    tenant         text        NOT NULL,
    channel        text        NOT NULL,
    inbox_key      text        NOT NULL, -- hashtextextended(inbox, 0)
    inbox          text        NOT NULL,
    version        bigint      NOT NULL,
    next_at        timestamptz NOT NULL,
    rests_until    timestamptz NOT NULL,
    failures       integer     NOT NULL,
    failing_since  timestamptz,
    pause          bigint      NOT NULL, -- microseconds
    served_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant, channel, inbox_key)
) WITH (fillfactor = 50);

-- What waits to be sent, by sender. It and outbox_out take the place of outbox_due, which knew no senders.
CREATE INDEX IF NOT EXISTS ${prefix}outbox_sender
    ON ${prefix}outbox (tenant, channel, (hashtextextended(inbox, 0)::text), owner, due_at) WHERE state = 'QUEUED';
CREATE INDEX IF NOT EXISTS ${prefix}outbox_out
    ON ${prefix}outbox (state, due_at) WHERE state IN ('DISPATCHING', 'UNKNOWN');

DROP INDEX IF EXISTS ${prefix}outbox_due;
