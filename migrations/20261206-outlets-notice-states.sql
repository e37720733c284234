-- owner: outlets
-- run: before deploy
-- The view that `outlets` publishes for alerts: the state of a notice, by which a late escalation is known to be over.

CREATE OR REPLACE VIEW notice_states AS SELECT notice_id, state FROM outlet_notices;
