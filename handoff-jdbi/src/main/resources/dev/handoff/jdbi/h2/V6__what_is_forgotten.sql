-- handoff, schema version 6, H2. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- What is forgotten in the end, apart from the inbound messages, which are many and never are.

CREATE INDEX IF NOT EXISTS ${prefix}dedupe_forgotten ON ${prefix}dedupe (kind, created_at);

DROP INDEX IF EXISTS ${prefix}dedupe_old;
