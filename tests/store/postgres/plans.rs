//! What the server does for the statements that run all the time: each goes by its index.

use fantasm::store::PostgresStore;
use fantasm_tests::Cluster;

/// The statements as the store sends them, with what it asks of the planner.
const SETTINGS: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";

#[tokio::test]
async fn claims_run_through_the_index_of_what_is_due() {
    let cluster = Cluster::shared();
    let _store = PostgresStore::builder(&cluster.url()).schema("plans").connections(1).connect().await.unwrap();
    let plans = [
        (
            "SELECT id, run_at FROM plans.task WHERE run_at <= now() AND status = 'scheduled' AND machine = ANY ('{A,B}')
             AND queue <> ALL (ARRAY(SELECT name FROM plans.paused_queue)) ORDER BY run_at, id LIMIT 16",
            "Index Only Scan using task_due",
        ),
        ("SELECT id FROM plans.task WHERE worker = gen_random_uuid() AND status = 'running'", "task_running"),
        ("SELECT id FROM plans.task WHERE instance = 7 AND status = 'failed'", "task_failed"),
        ("SELECT id FROM plans.instance WHERE ended_at < now() ORDER BY ended_at, id LIMIT 100", "instance_ended"),
        ("SELECT id FROM plans.instance WHERE machine = 'A' AND key = 'k'", "instance_key"),
    ];
    for (sql, index) in plans {
        let plan = cluster.query(&format!("{SETTINGS}; EXPLAIN (COSTS off) {sql}"));
        assert!(plan.contains(index) && !plan.contains("Seq Scan on task"), "{sql}: {plan}");
    }
}
