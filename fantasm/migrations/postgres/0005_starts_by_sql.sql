-- How an instance of each machine starts, as the workers that run it have told.
CREATE TABLE fantasm.machine (
    name    text PRIMARY KEY,
    initial text,                                         -- NULL where it is a fan-in, into which no task leads
    queue   text NOT NULL,
    target  text,
    on_end  text                                          -- as that of an instance
);

-- Writes an instance whose first task is due then, as a program's own start does, and tells the workers with the commit.
CREATE FUNCTION fantasm.insert_start(
    machine text, key text, context text, headers text, on_end text,
    task_key uuid, initial text, queue text, target text, queue_override text, run_at timestamptz,
    OUT id bigint, OUT is_new boolean
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    here oid;
BEGIN
    LOOP
        INSERT INTO fantasm.instance AS i (machine, key, status, n_live, context, created_at, headers, on_end)
        VALUES (insert_start.machine, insert_start.key, 'active', 1, insert_start.context, statement_timestamp(),
                insert_start.headers, insert_start.on_end)
        ON CONFLICT (machine, key) DO NOTHING
        RETURNING i.id INTO insert_start.id;
        is_new := FOUND;
        EXIT WHEN is_new;
        SELECT i.id INTO insert_start.id FROM fantasm.instance AS i
        WHERE i.machine = insert_start.machine AND i.key = insert_start.key;
        -- Unless it was removed in between, and then there is room for a new one.
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
    INSERT INTO fantasm.task AS t (instance, machine, key, to_state, queue, context, queue_override, status, run_at,
                                   attempt, is_continued, fence, created_at, target)
    VALUES (insert_start.id, insert_start.machine, task_key, initial, insert_start.queue, insert_start.context,
            insert_start.queue_override, 'scheduled', insert_start.run_at, 0, false, 0, statement_timestamp(),
            insert_start.target)
    RETURNING t.tableoid INTO here;
    PERFORM pg_notify(space.nspname, 'sql due')
    FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace WHERE class.oid = here;
END
$$;

-- Starts an instance, for whoever may use the schema: it runs with the rights of the schema's owner.
CREATE FUNCTION fantasm.start(
    machine text, context jsonb DEFAULT '{}', key text DEFAULT NULL, delay interval DEFAULT NULL,
    run_at timestamptz DEFAULT NULL, queue text DEFAULT NULL, headers jsonb DEFAULT '{}'
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- The limits of `fantasm::MAX_NAME_BYTES` and its siblings.
    max_name    constant integer := 512;
    max_headers constant integer := 8 * 1024;
    max_context constant integer := 256 * 1024;
    -- No store has times without end.
    longest     constant interval := '36500 days';
    escape      text;
    now         constant timestamptz := statement_timestamp();
    known       record;
    names       text;
    n_bytes     bigint;
    told        text;
BEGIN
    SELECT m.* INTO known FROM fantasm.machine AS m WHERE m.name = start.machine;
    IF NOT FOUND THEN
        SELECT string_agg(m.name, ', ' ORDER BY m.name COLLATE "C") INTO names FROM fantasm.machine AS m;
        RAISE EXCEPTION 'machine "%" is not known here; known: %', machine, coalesce(names, 'none')
            USING ERRCODE = 'undefined_object',
                  HINT = 'Workers tell of their machines when they start: check the name, or start a worker that runs it.';
    END IF;
    IF known.initial IS NULL THEN
        RAISE EXCEPTION 'machine "%" begins with a fan-in, and so cannot be started by SQL', machine
            USING ERRCODE = 'feature_not_supported', HINT = 'Give it a first state before the fan-in.';
    END IF;
    context := coalesce(context, '{}');
    headers := coalesce(headers, '{}');
    IF jsonb_typeof(context) <> 'object' OR jsonb_typeof(headers) <> 'object' THEN
        RAISE EXCEPTION 'context and headers are JSON objects, here they are: %, %',
            jsonb_typeof(context), jsonb_typeof(headers)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'A driver that is given a text instead of an object may have written it as a JSON string.';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(headers) AS h WHERE jsonb_typeof(h.value) <> 'string') THEN
        RAISE EXCEPTION 'headers are texts by name' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- As serde writes them: by name, without blanks.
    SELECT sum(octet_length(h.key) + octet_length(h.value)),
           '{' || string_agg(to_json(h.key) || ':' || to_json(h.value), ',' ORDER BY h.key COLLATE "C") || '}'
    INTO n_bytes, told FROM jsonb_each_text(headers) AS h;
    IF key = '' OR queue = '' THEN
        RAISE EXCEPTION 'a key or a queue is not empty' USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Leave it out, or pass NULL, where there is none.';
    END IF;
    IF octet_length(key) > max_name OR octet_length(queue) > max_name OR n_bytes > max_headers
       OR octet_length(context::text) > max_context THEN
        RAISE EXCEPTION 'a key or a queue has at most % bytes, headers have % and a context %',
            max_name, max_headers, max_context
            USING ERRCODE = 'program_limit_exceeded',
                  HINT = 'Take something shorter that stands for it, and keep large data elsewhere.';
    END IF;
    IF delay IS NOT NULL AND run_at IS NOT NULL THEN
        RAISE EXCEPTION 'an instance starts after a delay or at a time, not both'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave out delay or run_at.';
    END IF;
    -- Texts have this character for a NUL, and so say otherwise what it is itself. Only UTF-8 has it at all, and this is a
    -- statement of its own because elsewhere the planner would fail to compute it, in whatever branch.
    IF getdatabaseencoding() = 'UTF8' THEN
        escape := chr(57344);
    END IF;
    run_at := least(greatest(coalesce(run_at, now + least(coalesce(delay, '0'), longest)), now), now + longest);
    RETURN (SELECT id FROM fantasm.insert_start(
        machine, coalesce(replace(key, escape, escape || '1'), key), context::text, told, known.on_end,
        gen_random_uuid(), known.initial, coalesce(replace(queue, escape, escape || '1'), queue, known.queue),
        known.target, coalesce(replace(queue, escape, escape || '1'), queue), run_at));
END
$$;
