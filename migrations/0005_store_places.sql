-- owner: orders
-- run: before deploy
-- What other concerns may read of a store, now with its city.

CREATE OR REPLACE VIEW store_places AS
SELECT id AS store_id, chain_id, region_id,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.name')) AS name,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.timezone')) AS timezone,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.day_ends_at')) AS day_ends_at,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.currency')) AS currency,
    NULLIF(JSON_UNQUOTE(JSON_EXTRACT(settings, '$.city')), 'null') AS city
FROM stores;
