-- What a run cost in all, counted and nominal evaluations apart, and every training image's reward.
ALTER TABLE run ADD COLUMN active_seconds REAL NOT NULL DEFAULT 0;  -- of all its processes, what a kill threw away included
ALTER TABLE run ADD COLUMN wall_seconds REAL NOT NULL DEFAULT 0;

-- Before this version denoiser_evaluations held the nominal figure.
ALTER TABLE epoch ADD COLUMN nominal_denoiser_evaluations INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evaluation ADD COLUMN nominal_denoiser_evaluations INTEGER NOT NULL DEFAULT 0;
UPDATE epoch SET nominal_denoiser_evaluations = denoiser_evaluations;
UPDATE evaluation SET nominal_denoiser_evaluations = denoiser_evaluations;

CREATE TABLE training_images (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,                -- finished with these images
    prompt_ids BLOB NOT NULL,              -- little-endian 32-bit integers, one an image, of prompt.id
    rewards BLOB NOT NULL,                 -- little-endian doubles, one an image
    advantages BLOB NOT NULL,              -- the same
    PRIMARY KEY (run_id, epoch)
) STRICT, WITHOUT ROWID;
