-- Times are milliseconds since 1970, UTC.

CREATE TABLE jobs (
    number             INTEGER PRIMARY KEY,
    id                 TEXT    NOT NULL UNIQUE,
    status             TEXT    NOT NULL,
    file               TEXT    NOT NULL,
    options            TEXT    NOT NULL,
    population_id      TEXT,
    population_name    TEXT,
    environment        TEXT    NOT NULL,
    simulator          INTEGER NOT NULL,
    total              INTEGER NOT NULL DEFAULT 0,
    created            INTEGER NOT NULL DEFAULT 0,
    updated            INTEGER NOT NULL DEFAULT 0,
    unchanged          INTEGER NOT NULL DEFAULT 0,
    deleted            INTEGER NOT NULL DEFAULT 0,
    skipped            INTEGER NOT NULL DEFAULT 0,
    failed             INTEGER NOT NULL DEFAULT 0,
    -- Rows up to this one may have been sent to PingOne; rows beyond it never were.
    dispatched_through INTEGER NOT NULL DEFAULT 0,
    elapsed_ms         INTEGER NOT NULL DEFAULT 0,
    last_seq           INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    started_at         INTEGER,
    finished_at        INTEGER,
    error_code         TEXT,
    error_message      TEXT,
    retry_of           TEXT
) STRICT;

-- One entry for each row of each job; positions are in the order in which rows got their outcomes.
CREATE TABLE ledger (
    position       INTEGER PRIMARY KEY,
    job            INTEGER NOT NULL REFERENCES jobs (number),
    row            INTEGER NOT NULL,
    line           INTEGER NOT NULL,
    key            TEXT    NOT NULL,
    outcome        INTEGER NOT NULL,
    code           TEXT,
    message        TEXT,
    target         TEXT,
    correlation_id TEXT,
    user_id        TEXT
) STRICT;

CREATE UNIQUE INDEX ledger_row ON ledger (job, row);

-- Skipped (4) and failed (5) rows are few and often asked for.
CREATE INDEX ledger_exception ON ledger (job, outcome, row) WHERE outcome >= 4;

-- A row event names a range of ledger positions instead of repeating the rows.
CREATE TABLE events (
    job            INTEGER NOT NULL REFERENCES jobs (number),
    seq            INTEGER NOT NULL,
    type           TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    first_position INTEGER,
    last_position  INTEGER,
    body           TEXT,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    key        TEXT    NOT NULL PRIMARY KEY,
    job        TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
