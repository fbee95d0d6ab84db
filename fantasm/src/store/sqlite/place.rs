//! Where the tasks of all instances are.

use rusqlite::{Connection, Row};

use super::row;
use crate::{
    id::InstanceId,
    store::{Place, StoreError},
};

pub(super) fn places(db: &Connection) -> Result<Vec<Place>, StoreError> {
    let mut places = db
        .prepare_cached(
            "SELECT machine, from_state, event, to_state, sum(n_tasks),
                    json_group_array(instance ORDER BY instance) FILTER (WHERE rank <= ?1)
             FROM (SELECT machine, from_state, event, to_state, instance, count(*) AS n_tasks,
                          row_number() OVER (PARTITION BY machine, from_state, event, to_state ORDER BY instance) AS rank
                   FROM fantasm_task GROUP BY machine, from_state, event, to_state, instance)
             GROUP BY machine, from_state, event, to_state",
        )?
        .query_map([i64::try_from(Place::MAX_INSTANCES).unwrap_or(i64::MAX)], place)?
        .collect::<Result<Vec<_>, _>>()?;
    places.sort_unstable();
    Ok(places)
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    let instances: String = row.get(5)?;
    let instances: Vec<i64> =
        serde_json::from_str(&instances).map_err(|error| row::unreadable(5, &error.to_string()))?;
    Ok(Place {
        machine: row.get(0)?,
        hop: row::hop(row, 1)?,
        n_tasks: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
        instances: instances.into_iter().map(InstanceId).collect(),
    })
}
