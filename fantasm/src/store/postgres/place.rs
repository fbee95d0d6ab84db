//! Where the tasks of all instances are.

use tokio_postgres::Row;

use super::{inner::Inner, row};
use crate::{
    id::InstanceId,
    store::{Place, StoreError},
};

pub(super) async fn places(store: &Inner) -> Result<Vec<Place>, StoreError> {
    let rows = store
        .read(
            "SELECT machine, from_state, event, to_state, sum(n_tasks)::bigint,
                    array_agg(instance ORDER BY instance) FILTER (WHERE rank <= $1)
             FROM (SELECT machine, from_state, event, to_state, instance, count(*) AS n_tasks,
                          row_number() OVER (PARTITION BY machine, from_state, event, to_state ORDER BY instance) AS rank
                   FROM fantasm.task GROUP BY machine, from_state, event, to_state, instance) AS counted
             GROUP BY machine, from_state, event, to_state",
            &[&i64::try_from(Place::MAX_INSTANCES).unwrap_or(i64::MAX)],
        )
        .await?;
    let mut places = rows.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    places.sort_unstable();
    Ok(places)
}

fn place(row: &Row) -> Result<Place, StoreError> {
    let instances: Vec<i64> = row.try_get(5)?;
    Ok(Place {
        machine: row.try_get(0)?,
        hop: row::hop(row, 1)?,
        n_tasks: u64::try_from(row.try_get::<_, i64>(4)?).unwrap_or(0),
        instances: instances.into_iter().map(InstanceId).collect(),
    })
}
