-- One row for each attempt at a task, written with its commit.
CREATE TABLE fantasm_step (
    id         INTEGER PRIMARY KEY,
    instance   INTEGER NOT NULL REFERENCES fantasm_instance (id),
    task       INTEGER NOT NULL,
    from_state TEXT,
    event      TEXT,
    to_state   TEXT,
    token      TEXT,
    attempt    INTEGER NOT NULL,
    verdict    TEXT    NOT NULL CHECK (verdict IN ('done', 'retry', 'fail', 'halt')),
    error      TEXT,                                 -- or why it halted
    worker     BLOB    NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX fantasm_step_instance ON fantasm_step (instance);

-- What actions have logged, of machines with `logging: persistent`.
CREATE TABLE fantasm_log (
    id        INTEGER PRIMARY KEY,
    instance  INTEGER NOT NULL REFERENCES fantasm_instance (id),
    task      INTEGER NOT NULL,
    state     TEXT,
    level     TEXT    NOT NULL CHECK (level IN ('debug', 'info', 'warning', 'error')),
    message   TEXT    NOT NULL,
    logged_at INTEGER NOT NULL
) STRICT;

CREATE INDEX fantasm_log_instance ON fantasm_log (instance);

-- Queues from which nothing is claimed at present.
CREATE TABLE fantasm_paused_queue (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Retention asks for the oldest that have ended.
CREATE INDEX fantasm_instance_ended ON fantasm_instance (ended_at, id) WHERE ended_at IS NOT NULL;
