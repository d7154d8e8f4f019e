-- The first layout of a workspace. "epoch" counts finished epochs everywhere: 0 is the state before training.
PRAGMA application_id = 1380729677;  -- "RLCM"

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- shown as r0001; never reused
    name TEXT NOT NULL,
    state TEXT NOT NULL,                   -- last one written; a live state counts only with a live owner
    error TEXT NOT NULL DEFAULT '',
    config_json TEXT NOT NULL,
    environment_json TEXT NOT NULL DEFAULT '',
    seed INTEGER NOT NULL,
    method TEXT NOT NULL,
    steps INTEGER NOT NULL,
    reward TEXT NOT NULL,
    epochs INTEGER NOT NULL,               -- planned
    created_at REAL NOT NULL,              -- Unix seconds, as every *_at
    finished_at REAL NOT NULL DEFAULT 0,
    colour INTEGER NOT NULL,
    is_visible INTEGER NOT NULL DEFAULT 1,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    queue_position INTEGER,                -- NULL: not waiting
    owner_pid INTEGER,                     -- NULL: nobody's
    owner_boot TEXT,                       -- boot id and process namespace in which the pid means something
    owner_start INTEGER,                   -- start time of the process, so that a reused pid is told apart
    has_writer INTEGER NOT NULL DEFAULT 0, -- the owner is writing events
    heartbeat_at REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_queue ON run (queue_position) WHERE queue_position IS NOT NULL;

CREATE TABLE metric (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE epoch (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    images INTEGER NOT NULL,
    reward_queries INTEGER NOT NULL,
    denoiser_evaluations INTEGER NOT NULL,
    optimizer_steps INTEGER NOT NULL,
    active_seconds REAL NOT NULL,
    wall_seconds REAL NOT NULL,
    PRIMARY KEY (run_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE epoch_scalar (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    metric_id INTEGER NOT NULL REFERENCES metric,
    epoch INTEGER NOT NULL,
    value REAL,                            -- NULL: not a number
    PRIMARY KEY (run_id, metric_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    images INTEGER NOT NULL,
    reward_queries INTEGER NOT NULL,
    denoiser_evaluations INTEGER NOT NULL,
    optimizer_steps INTEGER NOT NULL,
    active_seconds REAL NOT NULL,
    wall_seconds REAL NOT NULL,
    is_extra INTEGER NOT NULL,             -- asked for by hand, not by the schedule
    seconds REAL NOT NULL,
    PRIMARY KEY (run_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation_scalar (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    metric_id INTEGER NOT NULL REFERENCES metric,
    epoch INTEGER NOT NULL,
    value REAL,                            -- NULL: not a number
    PRIMARY KEY (run_id, metric_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE prompt (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sample (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    idx INTEGER NOT NULL,                  -- place in the fixed set
    prompt_id INTEGER NOT NULL REFERENCES prompt,
    is_held_out INTEGER NOT NULL,
    noise_seed INTEGER NOT NULL,           -- 64 bits, read as unsigned
    reward REAL,                           -- NULL: not a number
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    file TEXT NOT NULL,                    -- relative to the workspace
    PRIMARY KEY (run_id, epoch, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    folder TEXT NOT NULL,                  -- relative to the workspace
    bytes INTEGER NOT NULL,
    saved_at REAL NOT NULL,
    PRIMARY KEY (run_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    logged_at REAL NOT NULL,
    level INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX log_of_run ON log (run_id, id);
