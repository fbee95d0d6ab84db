-- What travels with an instance, and what starts when it ends; both JSON, NULL where there is none.
ALTER TABLE fantasm_instance ADD COLUMN headers TEXT;
ALTER TABLE fantasm_instance ADD COLUMN on_end TEXT;
ALTER TABLE fantasm_instance ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0;

CREATE INDEX fantasm_instance_paused ON fantasm_instance (id) WHERE is_paused = 1;

-- The label that a worker must have to run the task.
ALTER TABLE fantasm_task ADD COLUMN target TEXT;

-- A claim passes over what its worker does not run, without a look at the rows.
DROP INDEX fantasm_task_due;
CREATE INDEX fantasm_task_due ON fantasm_task (run_at, id, machine, queue, target, instance) WHERE status = 'scheduled';
