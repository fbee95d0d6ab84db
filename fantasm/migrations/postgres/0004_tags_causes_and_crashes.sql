-- What a log line is about, as a JSON list, and what caused it; both NULL where there is none.
ALTER TABLE fantasm.log ADD COLUMN tags text;
ALTER TABLE fantasm.log ADD COLUMN causes text;

-- How many workers in a row have died with the task.
ALTER TABLE fantasm.task ADD COLUMN n_crashes integer NOT NULL DEFAULT 0;
