-- What a log line is about, as a JSON list, and what caused it; both NULL where there is none.
ALTER TABLE fantasm_log ADD COLUMN tags TEXT;
ALTER TABLE fantasm_log ADD COLUMN causes TEXT;

-- How many workers in a row have died with the task.
ALTER TABLE fantasm_task ADD COLUMN n_crashes INTEGER NOT NULL DEFAULT 0;
