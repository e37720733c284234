-- owner: printing
-- run: before deploy
-- Columns named after their content.

ALTER TABLE print_printers RENAME COLUMN said_at TO reported_at;
ALTER TABLE print_enrolments RENAME COLUMN made_by TO created_by, RENAME COLUMN made_at TO created_at;
ALTER TABLE print_connections
    RENAME COLUMN spoke_at TO heard_at, RENAME COLUMN spoke_again_at TO heard_again_at;
