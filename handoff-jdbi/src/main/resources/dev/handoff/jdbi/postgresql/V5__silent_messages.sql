-- handoff, schema version 5, PostgreSQL 15 and later. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- Messages by the day on which they were sent, to find those of which no report has come. Rows lie about in that order: a
-- BRIN index costs next to nothing where messages are sent, and is good enough for what is asked once an hour.

CREATE INDEX IF NOT EXISTS ${prefix}outbox_attempted
    ON ${prefix}outbox USING brin (attempted_at) WITH (autosummarize = on);
