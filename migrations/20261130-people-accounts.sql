-- owner: people
-- run: before deploy
-- People who sign in, and the roles that each has. An email address is unique within its chain. `password` is a hash in
-- the PHC string format.

CREATE TABLE people (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    name VARCHAR(100) NOT NULL,
    language VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    password VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME(6) NOT NULL,
    disabled_at DATETIME(6) NULL,
    revision INT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (id),
    UNIQUE KEY by_chain (chain_id, email),
    KEY by_email (email)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `scope_id` is the id of a chain, of a region or of a store; `level` says which.
CREATE TABLE role_assignments (
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    level VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    scope_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (person_id, role, level, scope_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What `people` publishes: a row for each role of a person who may sign in, and one without a role for who has none.
CREATE OR REPLACE VIEW person_roles AS
SELECT p.id AS person_id, p.chain_id, p.name, a.role, a.level, a.scope_id
FROM people p LEFT JOIN role_assignments a ON a.person_id = p.id
WHERE p.disabled_at IS NULL;
