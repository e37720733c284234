-- owner: printing
-- run: before deploy
-- The versions of open bills whose change or bill was printed, so that a repeated message prints nothing.

CREATE TABLE print_versions (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT UNSIGNED NOT NULL,
    closed BOOLEAN NOT NULL,
    printed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (order_id, version, closed)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
