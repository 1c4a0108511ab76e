-- handoff, schema version 2, H2. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- What is open of all that is said to one customer: the head of that line is what may be sent.

CREATE INDEX IF NOT EXISTS ${prefix}outbox_line ON ${prefix}outbox (customer, state);
