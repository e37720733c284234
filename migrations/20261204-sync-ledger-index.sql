-- owner: sync
-- run: after deploy
-- Each document changes its state twice while it is sent. What this index served, `by_due` serves too.

ALTER TABLE sync_documents DROP KEY by_flow;
