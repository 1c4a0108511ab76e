-- handoff, schema version 2, PostgreSQL 15 and later. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- What is open of all that is said to one customer: the head of that line is what may be sent. A hash, since an address
-- may be longer than a B-tree's entry. It takes the place of outbox_open, which knew the open messages of a conversation.

CREATE INDEX IF NOT EXISTS ${prefix}outbox_line
    ON ${prefix}outbox USING hash (customer) WHERE state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN');

DROP INDEX IF EXISTS ${prefix}outbox_open;
