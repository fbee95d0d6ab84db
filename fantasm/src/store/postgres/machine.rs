//! Machines that workers have told of, and starts in the transactions of others.

use tokio_postgres::{GenericClient, types::Type};

use super::{
    inner::Inner,
    row::{micros, text, to_json},
    tx::in_schema,
};
use crate::{
    engine::{Hop, NewInstance, NewTask, Next},
    id::InstanceId,
    store::{Started, StoreError, StoreErrorKind},
};

/// Notes how an instance of each machine starts; what is known already is left alone.
pub(super) async fn introduce(store: &Inner, mut starts: Vec<NewInstance>) -> Result<(), StoreError> {
    // Rows are locked in one order by all.
    starts.sort_unstable_by(|one, other| one.machine.cmp(&other.machine));
    let (mut names, mut initials, mut queues) = (Vec::new(), Vec::new(), Vec::new());
    let (mut targets, mut on_ends) = (Vec::new(), Vec::new());
    for start in &starts {
        let (hop, queue, target) = match &start.first {
            Next::Task(task) => (Some(&task.hop), &task.queue, &task.target),
            Next::Package(package) => (None, &package.queue, &package.target),
            Next::Spawn(_) => continue,
        };
        names.push(&start.machine);
        initials.push(hop.and_then(Hop::to));
        queues.push(text(queue));
        targets.push(target);
        on_ends.push(on_end(start)?);
    }
    store
        .write(
            "INSERT INTO fantasm.machine AS known (name, initial, queue, target, on_end)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
             ON CONFLICT (name) DO UPDATE
             SET initial = excluded.initial, queue = excluded.queue, target = excluded.target, on_end = excluded.on_end
             WHERE (known.initial, known.queue, known.target, known.on_end)
                   IS DISTINCT FROM (excluded.initial, excluded.queue, excluded.target, excluded.on_end)",
            &[&names, &initials, &queues, &targets, &on_ends],
        )
        .await?;
    Ok(())
}

const START: &str = "
    SELECT id, is_new FROM fantasm.insert_start(
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, statement_timestamp() + $11 * interval '1 microsecond')";

/// Starts an instance whose first state is no fan-in in a transaction that somebody else has begun and will end.
pub(crate) async fn start_within(
    tx: &(impl GenericClient + Sync),
    schema: &str,
    new: &NewInstance,
) -> Result<Started, StoreError> {
    let Next::Task(NewTask { key, hop: Hop::Start { to }, queue, target, queue_override, delay, .. }) = &new.first
    else {
        let message = format!(
            "machine `{}` begins with a fan-in, and so cannot be started in a transaction of others",
            new.machine
        );
        return Err(StoreError::new(StoreErrorKind::Unusable, message));
    };
    let headers = (!new.headers.is_empty()).then(|| to_json(&new.headers)).transpose()?;
    // Without a name, the statement is prepared nowhere: it is somebody else's connection.
    let row = tx
        .query_typed_one(
            &in_schema(START, schema),
            &[
                (&new.machine, Type::TEXT),
                (&new.key.as_deref().map(text), Type::TEXT),
                (&new.context, Type::TEXT),
                (&headers, Type::TEXT),
                (&on_end(new)?, Type::TEXT),
                (&key.0, Type::UUID),
                (&to, Type::TEXT),
                (&text(queue), Type::TEXT),
                (target, Type::TEXT),
                (&queue_override.as_deref().map(text), Type::TEXT),
                (&micros(*delay), Type::INT8),
            ],
        )
        .await?;
    Ok(Started { id: InstanceId(row.try_get(0)?), is_new: row.try_get(1)? })
}

fn on_end(new: &NewInstance) -> Result<Option<String>, StoreError> {
    (!new.on_end.is_empty()).then(|| to_json(&new.on_end)).transpose()
}
