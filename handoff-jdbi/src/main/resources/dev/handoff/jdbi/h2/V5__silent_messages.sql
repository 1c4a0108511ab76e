-- handoff, schema version 5, H2. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- Messages by the time at which they were sent, to find those of which no report has come.

CREATE INDEX IF NOT EXISTS ${prefix}outbox_attempted ON ${prefix}outbox (attempted_at);
