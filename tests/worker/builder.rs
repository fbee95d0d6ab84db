//! What keeps a worker from starting.

use fantasm::{Worker, WorkerError, store::MemoryStore};

use crate::{job::Desk, machines};

#[tokio::test]
async fn a_worker_that_could_not_do_its_work_does_not_start() {
    let builder = || Worker::builder(MemoryStore::new());
    let table = [
        (
            builder().service(Desk::new()).start().await,
            "the worker has no machines to run; give it some with `.machines(machines::all())`",
        ),
        (
            builder().machines(machines::all()).machines(machines::all()).service(Desk::new()).start().await,
            "the worker was given two machines named `Job`; rename one in its fsm.yaml",
        ),
        (
            builder().machines(machines::all()).service(7_i64).start().await,
            "an action of machine `Job` takes `&worker::job::Desk`, which the worker lacks; give it one with \
             `.service(…)`",
        ),
        (
            builder().machines(machines::all()).service(Desk::new()).queues(["hurried", ""]).start().await,
            "the name of a queue is empty; name one, or leave it out",
        ),
        (
            builder().machines(machines::all()).service(Desk::new()).label("").start().await,
            "the name of a label is empty; name one, or leave it out",
        ),
    ];
    for (started, message) in table {
        let error: WorkerError = started.expect_err(message);
        assert_eq!(error.to_string(), message);
    }
}
