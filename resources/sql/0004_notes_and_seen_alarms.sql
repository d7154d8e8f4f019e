-- What people add to a run, and which of its alarms they have put aside.
ALTER TABLE run ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN tags TEXT NOT NULL DEFAULT '';          -- one a line

ALTER TABLE event ADD COLUMN is_told INTEGER NOT NULL DEFAULT 1;   -- 0: an alert that is only a mark in the record
ALTER TABLE event ADD COLUMN is_seen INTEGER NOT NULL DEFAULT 0;   -- an alert that was put aside

-- What the rules of older runs did stands in their settings.
UPDATE event SET is_told = 0
WHERE kind = 'alert' AND 'mark' = (
    SELECT CASE WHEN json_valid(config_json) AND json_valid(event.json)
        THEN json_extract(config_json, '$.health.' || json_extract(event.json, '$.rule')) END
    FROM run WHERE run.id = run_id);
