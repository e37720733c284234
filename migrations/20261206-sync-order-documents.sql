-- owner: sync
-- run: before deploy
-- The views that `sync` publishes for the page of an order: the chain's other systems, and the documents of sales there. A
-- group is an order, or a store's business day where a system takes one document a day.

CREATE OR REPLACE VIEW outside_systems AS SELECT system_key FROM sync_systems;

CREATE OR REPLACE VIEW sale_documents AS
SELECT system_key, group_key, source_key, revision, kind, goal, state, cause, reason, target_number, target_id, created_at,
    done_at
FROM sync_documents WHERE flow = 'push_sales';
