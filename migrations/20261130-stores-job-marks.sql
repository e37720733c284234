-- owner: stores
-- run: before deploy
-- The last message of a job that changed a store's sold-out list: one that comes twice or late changes nothing.

CREATE TABLE store_job_marks (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    job_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sequence INT UNSIGNED NOT NULL,
    PRIMARY KEY (store_id, job_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
