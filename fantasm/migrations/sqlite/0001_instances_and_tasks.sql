-- Times are microseconds since 1970-01-01 UTC. Contexts and tokens are JSON.
-- The names of states and events are those of fsm.yaml.

CREATE TABLE fantasm_instance (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    machine    TEXT    NOT NULL,
    key        TEXT,                                 -- starting twice with one key starts once
    status     TEXT    NOT NULL CHECK (status IN ('active', 'finished', 'halted', 'failed', 'cancelled')),
    n_live     INTEGER NOT NULL CHECK (n_live >= 0), -- its tasks that are scheduled or running
    n_waiting  INTEGER NOT NULL DEFAULT 0,           -- of these, fan-ins that wait for all the others
    parent     INTEGER,                              -- the instance that spawned it
    context    TEXT    NOT NULL,                     -- as started; once ended, that of the last branch
    reason     TEXT,                                 -- why it halted
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,
    UNIQUE (machine, key)
) STRICT;

-- The numbers of tasks are never used again: a lease of a task that is gone must not fit another.
CREATE TABLE fantasm_task (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    instance     INTEGER NOT NULL REFERENCES fantasm_instance (id),
    machine      TEXT    NOT NULL,
    key          BLOB    NOT NULL,                   -- a UUID: the step's idempotency key
    from_state   TEXT,
    event        TEXT,
    to_state     TEXT,
    queue        TEXT    NOT NULL,
    context      TEXT    NOT NULL,
    token        TEXT,                               -- names the page of a continuation
    queue_override TEXT,                             -- the queue that user code chose for what follows
    cause        TEXT,                               -- the failure that led here
    window       INTEGER,                            -- the fan-in window that it drains
    status       TEXT    NOT NULL CHECK (status IN ('scheduled', 'running', 'failed')),
    run_at       INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    is_continued INTEGER NOT NULL,                   -- whether the next page has its task
    worker       BLOB,
    fence        INTEGER NOT NULL,                   -- grows with every claim
    claimed_at   INTEGER,
    error        TEXT,                               -- of the last attempt that failed
    created_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX fantasm_task_due ON fantasm_task (run_at, id) WHERE status = 'scheduled';
CREATE INDEX fantasm_task_running ON fantasm_task (worker) WHERE status = 'running';
CREATE INDEX fantasm_task_instance ON fantasm_task (instance);
CREATE INDEX fantasm_task_window ON fantasm_task (window) WHERE window IS NOT NULL;

-- Contexts that will meet in one fan-in. Every window has one task, which seals and drains it.
CREATE TABLE fantasm_window (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    instance   INTEGER NOT NULL REFERENCES fantasm_instance (id),
    from_state TEXT,
    event      TEXT,
    to_state   TEXT    NOT NULL,
    group_key  TEXT,
    max        INTEGER,                              -- how many packages close it
    n_packages INTEGER NOT NULL,
    is_sealed  INTEGER NOT NULL
) STRICT;

CREATE INDEX fantasm_window_open
    ON fantasm_window (instance, to_state, from_state, event, group_key) WHERE is_sealed = 0;
CREATE INDEX fantasm_window_instance ON fantasm_window (instance);

CREATE TABLE fantasm_work_package (
    id      INTEGER PRIMARY KEY,                     -- in the order in which they joined
    window  INTEGER NOT NULL REFERENCES fantasm_window (id),
    context TEXT    NOT NULL
) STRICT;

CREATE INDEX fantasm_work_package_window ON fantasm_work_package (window);

CREATE TABLE fantasm_worker (
    id         BLOB    PRIMARY KEY,
    expires_at INTEGER NOT NULL                      -- of the leases of all its tasks
) STRICT, WITHOUT ROWID;
