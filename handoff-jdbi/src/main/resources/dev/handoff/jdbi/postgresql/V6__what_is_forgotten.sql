-- handoff, schema version 6, PostgreSQL 15 and later. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- Changes nothing here: dedupe_old knows only what is forgotten. On H2, which has no partial indexes, it knew everything.

CREATE INDEX IF NOT EXISTS ${prefix}dedupe_old ON ${prefix}dedupe (created_at) WHERE kind <> 'INBOUND';
