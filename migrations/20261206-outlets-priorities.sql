-- owner: outlets
-- run: after deploy
-- Replies and alerts have the priority 1, between orders (0) and announcements (2).

UPDATE outlet_messages SET priority = 2 WHERE state = 'waiting' AND kind = 'announcement' AND priority = 1;
