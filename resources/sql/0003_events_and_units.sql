-- What happened in a run beside its epochs, and what measures mean.
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order in which they happened
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,                -- finished then
    kind TEXT NOT NULL,                    -- alert | setting
    json TEXT NOT NULL,
    at REAL NOT NULL                       -- Unix seconds
) STRICT;
CREATE INDEX event_of_run ON event (run_id, epoch);

ALTER TABLE metric ADD COLUMN unit TEXT NOT NULL DEFAULT '';    -- "reward": that of the run's reward
ALTER TABLE metric ADD COLUMN better TEXT NOT NULL DEFAULT '';  -- higher | lower | '' for neither
