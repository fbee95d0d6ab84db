-- What travels with an instance, and what starts when it ends; both JSON, NULL where there is none.
ALTER TABLE fantasm.instance ADD COLUMN headers text;
ALTER TABLE fantasm.instance ADD COLUMN on_end text;
ALTER TABLE fantasm.instance ADD COLUMN is_paused boolean NOT NULL DEFAULT false;

CREATE INDEX instance_paused ON fantasm.instance (id) WHERE is_paused;

-- The label that a worker must have to run the task.
ALTER TABLE fantasm.task ADD COLUMN target text;

-- A claim passes over what its worker does not run, without a look at the rows.
DROP INDEX fantasm.task_due;
CREATE INDEX task_due ON fantasm.task (run_at, id) INCLUDE (machine, queue, target, instance)
    WHERE status = 'scheduled';
