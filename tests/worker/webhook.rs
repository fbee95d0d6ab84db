//! Webhooks, posted to a server that answers as a test wants it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use fantasm::{
    InstanceId, Run, Worker, WorkerBuilder, WorkerError,
    store::{Instance, InstanceStatus, MemoryStore, StepVerdict},
};
use ring::hmac;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    job::Desk,
    machines::Job,
    world::{World, pass},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What the server does with a request.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Status(u16),
    /// To another path of the same server.
    Redirect,
    /// None at all.
    Silence,
}

/// A request that has come.
#[derive(Debug, PartialEq)]
struct Request {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Request {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let first = line();
        let headers = std::iter::from_fn(|| Some(line()).filter(|line| !line.is_empty()));
        let headers: BTreeMap<String, String> = headers
            .filter_map(|it| it.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
            .collect();
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        Self { line: first, headers, body: String::from_utf8(body).unwrap() }
    }

    /// Checks what a receiver is to check.
    fn verify(&self) {
        let (id, time) = (&self.headers["webhook-id"], &self.headers["webhook-timestamp"]);
        let signature = self.headers["webhook-signature"].strip_prefix("v1,").unwrap();
        let key = BASE64_STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{id}.{time}.{}", self.body);
        hmac::verify(&key, signed.as_bytes(), &BASE64_STANDARD.decode(signature).unwrap()).unwrap();
    }
}

/// Serves one request for each answer; answers its address and the requests as they come.
fn serve(answers: Vec<Answer>) -> (String, mpsc::UnboundedReceiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let request = Request::read(&stream);
            let head = match answer {
                Answer::Status(status) => format!("HTTP/1.1 {status} -\r\n"),
                Answer::Redirect => "HTTP/1.1 307 -\r\nlocation: /elsewhere\r\n".to_owned(),
                Answer::Silence => {
                    silent.push(stream);
                    sender.send(request).unwrap();
                    continue;
                }
            };
            write!(stream, "{head}content-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            sender.send(request).unwrap();
        }
    });
    (url, requests)
}

/// Sends a request that is no webhook, for the server's next answer.
fn ask(url: &str) {
    let address = url.trim_start_matches("http://").trim_end_matches("/hook");
    write!(TcpStream::connect(address).unwrap(), "GET / HTTP/1.1\r\ncontent-length: 0\r\n\r\n").unwrap();
}

impl World {
    /// Starts a job that tells its end to this address, and lets it end.
    async fn job(&self, desk: &Desk, url: &str) -> Run {
        desk.let_go(1);
        self.client().start(Job { number: 7, ..Job::default() }).key("the job").webhook(url).await.unwrap()
    }

    fn postman(&self, desk: &Desk) -> WorkerBuilder {
        self.worker(desk).webhook_secret(SECRET).webhook_timeout(Duration::from_millis(200))
    }

    /// Waits until the webhook of a job has ended.
    async fn posted(&self, job: &Run) -> (Instance, Vec<StepVerdict>) {
        job.finished().await.unwrap();
        let mut after = (job.id().0 + 1..).map(|id| self.client().run(InstanceId(id)));
        let webhook = loop {
            let run = after.next().unwrap();
            if run.inspect().await.is_ok() {
                break run;
            }
        };
        // A failure is no error of the test.
        let _ = webhook.finished().await;
        let history = webhook.history().await.unwrap();
        (webhook.inspect().await.unwrap(), history.iter().map(|step| step.verdict).collect())
    }
}

/// Neither an error, nor a redirect, nor silence is an answer.
#[tokio::test(start_paused = true)]
async fn a_webhook_is_posted_until_it_is_taken() {
    let (world, desk) = (World::new(), Desk::new());
    let answers = vec![Answer::Status(500), Answer::Redirect, Answer::Silence, Answer::Status(204)];
    let (url, mut requests) = serve(answers);
    let worker = world.postman(&desk).start().await.unwrap();
    let job = world.job(&desk, &url).await;
    let (webhook, verdicts) = world.posted(&job).await;
    assert_eq!((webhook.machine.as_str(), webhook.parent), ("fantasm.Webhook", Some(job.id())));
    assert_eq!(webhook.status, InstanceStatus::Finished);
    assert_eq!(verdicts, [StepVerdict::Retry, StepVerdict::Retry, StepVerdict::Retry, StepVerdict::Done]);
    let seconds = webhook.ended_at.unwrap().duration_since(webhook.created_at).as_secs();
    assert!((35..40).contains(&seconds), "5, 10 and 20 seconds between: {seconds}");

    let first = requests.recv().await.unwrap();
    for _ in 0..3 {
        let again = requests.recv().await.unwrap();
        again.verify();
        assert_eq!((&again.line, &again.body), (&"POST /hook HTTP/1.1".to_owned(), &first.body));
        assert_eq!(again.headers["webhook-id"], first.headers["webhook-id"]);
        assert_ne!(again.headers["webhook-timestamp"], first.headers["webhook-timestamp"]);
    }
    first.verify();
    assert_eq!(first.headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(&first.body).unwrap();
    let ended_at = job.inspect().await.unwrap().ended_at.unwrap().to_string();
    let data = serde_json::json!({
        "instance": job.id().0, "machine": "Job", "key": "the job", "status": "finished",
        "context": { "number": 7, "note": "", "ratio": 0.0 },
    });
    assert_eq!(body, serde_json::json!({ "type": "instance.finished", "timestamp": ended_at, "data": data }));
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_largest_context_is_posted_whole() {
    let (world, desk) = (World::new(), Desk::new());
    let (url, mut requests) = serve(vec![Answer::Status(500), Answer::Status(200)]);
    let worker = world.postman(&desk).start().await.unwrap();
    let note = "x".repeat(fantasm::MAX_CONTEXT_BYTES - r#"{"number":7,"note":"","ratio":0.0}"#.len());
    desk.let_go(1);
    let job = Job { number: 7, note: note.clone(), ..Job::default() };
    let job = world.client().start(job).webhook(&url).await.unwrap();
    assert_eq!(world.posted(&job).await.1, [StepVerdict::Retry, StepVerdict::Done]);
    for _ in 0..2 {
        let body: Value = serde_json::from_str(&requests.recv().await.unwrap().body).unwrap();
        assert_eq!(body["data"]["context"]["note"], note);
    }
    worker.shutdown().await.unwrap();
}

/// Eight of them are due, and two have slots.
#[tokio::test(start_paused = true)]
async fn webhooks_that_hang_leave_the_slots_of_steps_alone() {
    let (world, desk) = (World::new(), Desk::new());
    let (url, mut requests) = serve(vec![Answer::Silence; 9]);
    let worker = world.postman(&desk).webhook_timeout(Duration::from_secs(5)).concurrency(5).start().await.unwrap();
    for _ in 0..8 {
        world.job(&desk, &url).await.finished().await.unwrap();
    }
    for _ in 0..2 {
        requests.recv().await.unwrap().verify();
    }
    desk.let_go(1);
    let run = world.client().start(Job::default()).await.unwrap();
    assert_eq!(run.finished().await.unwrap().status, InstanceStatus::Finished);
    assert!(requests.try_recv().is_err(), "the others wait");
    drop(worker);
    // The server goes away with its last answer, and the threads that wait for one see that.
    (0..7).for_each(|_| ask(&url));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_gone_is_not_asked_again() {
    let (world, desk) = (World::new(), Desk::new());
    let (url, _requests) = serve(vec![Answer::Status(410)]);
    let worker = world.postman(&desk).start().await.unwrap();
    let (webhook, verdicts) = world.posted(&world.job(&desk, &url).await).await;
    assert_eq!((webhook.status, verdicts), (InstanceStatus::Failed, vec![StepVerdict::Fail]));
    assert_eq!(webhook.failed[0].error, "the receiver of the webhook is gone for good (410)");
    worker.shutdown().await.unwrap();
}

/// Whoever takes it twice knows it by its id.
#[tokio::test(start_paused = true)]
async fn a_webhook_whose_worker_dies_is_posted_again_under_the_same_id() {
    let (world, desk) = (World::new(), Desk::new());
    let (url, mut requests) = serve(vec![Answer::Silence, Answer::Status(200)]);
    let dying = world.postman(&desk).start().await.unwrap();
    let job = world.job(&desk, &url).await;
    let first = requests.recv().await.unwrap();
    drop(dying);
    let worker = world.postman(&desk).start().await.unwrap();
    assert_eq!(world.posted(&job).await.0.status, InstanceStatus::Finished);
    assert_eq!(requests.recv().await.unwrap().headers["webhook-id"], first.headers["webhook-id"]);
    worker.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_without_a_secret_leaves_webhooks_to_one_that_has_it() {
    let (world, desk) = (World::new(), Desk::new());
    let (url, mut requests) = serve(vec![Answer::Status(200)]);
    let without = world.worker(&desk).start().await.unwrap();
    let job = world.job(&desk, &url).await;
    job.finished().await.unwrap();
    pass(Duration::from_secs(60)).await;
    assert!(requests.try_recv().is_err(), "nobody could have signed it");
    let with = world.postman(&desk).queues(["other"]).start().await.unwrap();
    assert_eq!(world.posted(&job).await.1, [StepVerdict::Done]);
    requests.recv().await.unwrap().verify();
    with.shutdown().await.unwrap();
    without.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_secret_that_is_none_keeps_a_worker_from_starting() {
    let (world, desk) = (World::new(), Desk::new());
    let refused = world.worker(&desk).webhook_secret("hush").start().await;
    assert!(matches!(refused, Err(WorkerError::WebhookSecret)));
}

/// A thread waits for each answer, and a receiver that has not answered in ten minutes does not.
#[tokio::test]
async fn the_answer_to_a_webhook_is_not_waited_for_without_end() {
    for (asked, seconds) in [(Duration::MAX, 600), (Duration::from_secs(601), 600), (Duration::from_secs(3), 3)] {
        let builder = Worker::builder(MemoryStore::new()).webhook_timeout(asked);
        let shown = format!("{builder:?}");
        assert!(shown.contains(&format!("WebhookSettings {{ timeout: {seconds}s, ")), "{shown}");
    }
}
