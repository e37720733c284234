-- owner: shared
-- run: before deploy
-- A store's id is unique within its chain alone: two chains may both have a store `main`. So `store_id` holds the store's
-- key, `chain:store`. A source's numbers are unique within a store and one of its business days. A grant names its chain.
-- Stop the functions until the deploy has ended: the code of before writes bare ids, and looks for them.

-- A region's grant is rewritten where one chain alone has such a region; any other is left as it is, and allows nothing.
UPDATE api_clients c
JOIN (
    SELECT k.id, JSON_ARRAYAGG(
        CASE
            WHEN s.id IS NOT NULL THEN REPLACE(g.entry, '@store:', CONCAT('@store:', s.chain_id, ':'))
            WHEN r.chains = 1 THEN REPLACE(g.entry, '@region:', CONCAT('@region:', r.chain_id, ':'))
            ELSE g.entry
        END) AS grants
    FROM api_clients k
    JOIN JSON_TABLE(k.grants, '$[*]' COLUMNS (entry VARCHAR(200) PATH '$')) g
    LEFT JOIN stores s ON LOCATE('@store:', g.entry) AND s.id = SUBSTRING_INDEX(g.entry, ':', -1)
    LEFT JOIN (
        SELECT region_id, COUNT(DISTINCT chain_id) AS chains, MIN(chain_id) AS chain_id FROM stores GROUP BY region_id
    ) r ON LOCATE('@region:', g.entry) AND r.region_id = SUBSTRING_INDEX(g.entry, ':', -1)
    GROUP BY k.id
) named ON named.id = c.id
SET c.grants = named.grants;

ALTER TABLE orders
    MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ADD COLUMN chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER id,
    -- The business day of `placed_at`: a till may begin at 1 again every morning.
    ADD COLUMN source_day DATE NOT NULL DEFAULT '1970-01-01' AFTER source_number,
    DROP KEY by_source_number;
UPDATE orders o JOIN stores s ON s.id = o.store_id
SET o.chain_id = s.chain_id, o.store_id = CONCAT(s.chain_id, ':', s.id), o.source_day = o.business_day;
ALTER TABLE orders
    MODIFY chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    MODIFY source_day DATE NOT NULL,
    ADD UNIQUE KEY by_source_number (chain_id, source_kind, source_id, source_number, store_id, source_day),
    ADD KEY by_chain (chain_id, id);

ALTER TABLE pickup_numbers MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE pickup_numbers n JOIN stores s ON s.id = n.store_id SET n.store_id = CONCAT(s.chain_id, ':', s.id);

ALTER TABLE messages MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL;

ALTER TABLE takings MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE takings SET store_id = CONCAT(chain_id, ':', store_id);

ALTER TABLE print_stores MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE print_stores t JOIN stores s ON s.id = t.store_id SET t.store_id = CONCAT(s.chain_id, ':', s.id);
ALTER TABLE print_enrolments MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE print_enrolments t JOIN stores s ON s.id = t.store_id SET t.store_id = CONCAT(s.chain_id, ':', s.id);
ALTER TABLE print_agents MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE print_agents t JOIN stores s ON s.id = t.store_id SET t.store_id = CONCAT(s.chain_id, ':', s.id);
ALTER TABLE print_printers MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE print_printers t JOIN stores s ON s.id = t.store_id SET t.store_id = CONCAT(s.chain_id, ':', s.id);
ALTER TABLE print_orders MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE print_orders t JOIN stores s ON s.id = t.store_id SET t.store_id = CONCAT(s.chain_id, ':', s.id);
ALTER TABLE print_jobs MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE print_jobs t JOIN stores s ON s.id = t.store_id SET t.store_id = CONCAT(s.chain_id, ':', s.id);

ALTER TABLE forecast_history MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE forecast_history SET store_id = CONCAT(chain_id, ':', store_id);
ALTER TABLE forecast_corrections MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE forecast_corrections SET store_id = CONCAT(chain_id, ':', store_id);
ALTER TABLE forecast_plans MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL;
UPDATE forecast_plans SET store_id = CONCAT(chain_id, ':', store_id);
ALTER TABLE forecasts MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE forecasts SET store_id = CONCAT(chain_id, ':', store_id);
ALTER TABLE forecast_scores MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE forecast_scores SET store_id = CONCAT(chain_id, ':', store_id);
ALTER TABLE forecast_weather MODIFY store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE forecast_weather SET store_id = CONCAT(chain_id, ':', store_id) WHERE store_id <> '*';

ALTER TABLE stores MODIFY id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
UPDATE stores SET id = CONCAT(chain_id, ':', id);

-- What other concerns may read of a store: `store_id` is its key, `store` its id in the chain.
CREATE OR REPLACE VIEW store_places AS
SELECT id AS store_id, chain_id, region_id, SUBSTRING(id, CHAR_LENGTH(chain_id) + 2) AS store,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.name')) AS name,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.timezone')) AS timezone,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.day_ends_at')) AS day_ends_at,
    JSON_UNQUOTE(JSON_EXTRACT(settings, '$.currency')) AS currency,
    NULLIF(JSON_UNQUOTE(JSON_EXTRACT(settings, '$.city')), 'null') AS city
FROM stores;
