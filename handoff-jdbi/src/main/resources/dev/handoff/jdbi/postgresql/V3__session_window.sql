-- handoff, schema version 3, PostgreSQL 15 and later. ${prefix} is the tables' prefix, handoff_ unless chosen otherwise.
-- When the humans who have to do with a conversation are warned that its channel's session window closes; null for never.

ALTER TABLE ${prefix}conversation ADD COLUMN IF NOT EXISTS window_warn_at timestamptz;
