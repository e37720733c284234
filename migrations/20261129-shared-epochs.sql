-- owner: shared
-- run: before deploy
-- A row for each promotion of a region's database. The largest `epoch` is the present one; without a row it is 0. Clients
-- refuse a region with a lower epoch than they have seen.

CREATE TABLE epochs (
    epoch INT UNSIGNED NOT NULL,
    promoted_at DATETIME(6) NOT NULL,
    PRIMARY KEY (epoch)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
