-- owner: delivery
-- run: before deploy
-- What is unread in the inboxes of several stores: chats and notices of the last days.

ALTER TABLE inbox_messages ADD KEY by_kind (recipient, kind, at);
