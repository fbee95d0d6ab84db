//! Queues: listed in the file of machines, or in App Engine's queue.yaml.

use fantasm_spec::{Code, Files, ReadError, load_queues, load_str};

const QUEUE_YAML: &str = "
total_storage_limit: 120M
queue:
- name: mail
  rate: 35/s
  bucket_size: 40
  max_concurrent_requests: 10
  retry_parameters:
    task_retry_limit: 7
    task_age_limit: 172800
- name: slow
  rate: 1.5/m
  target: backend
- name: stopped
  rate: 0
";

struct File(&'static str);

impl Files for File {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "queue.yaml" { Ok(self.0.into()) } else { Err(ReadError::NotFound) }
    }
}

#[test]
fn a_queue_yaml_of_app_engine_is_read() {
    let loaded = load_queues("queue.yaml", &File(QUEUE_YAML)).expect("it is usable");
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let [mail, slow, stopped] = loaded.queues.as_slice() else { panic!("{:?}", loaded.queues) };
    let rate = |queue: &fantasm_spec::Queue| queue.rate.map(|rate| (rate.n_tasks, rate.seconds));
    assert_eq!((mail.name.as_str(), rate(mail)), ("mail", Some((35.0, 1))));
    assert_eq!(mail.bucket_size.map(|size| size.get()), Some(40));
    assert_eq!(mail.retry.task_retry_limit.map(|limit| limit.get()), Some(7));
    assert_eq!((rate(slow), slow.target.as_deref()), (Some((1.5, 60)), Some("backend")));
    assert_eq!((rate(stopped), stopped.place.to_string()), (Some((0.0, 1)), "queue.yaml:14:9".to_owned()));
}

#[test]
fn a_wrong_queue_yaml_is_told_whole() {
    let report =
        load_queues("queue.yaml", &File("queue:\n- rate: fast\n- name: a\n- name: a\n")).expect_err("three mistakes");
    let lines: Vec<u32> = report.diagnostics().iter().map(|diagnostic| diagnostic.place.line).collect();
    assert_eq!(lines, [2, 2, 4], "{report}");
    assert!(report.diagnostics().iter().all(|diagnostic| diagnostic.code == Code::InvalidQueue));
}

#[test]
fn listed_queues_reach_the_model() {
    let loaded = load_str(
        "fsm.yaml",
        "edition: 2\nqueues:\n- {name: mail, rate: 5/h}\nstate_machines:\n- name: M\n  queue: mail\n  states:\n  \
         - {name: s, initial: true, final: true}\n",
    )
    .expect("it is usable");
    assert_eq!(loaded.spec.queues[0].rate.map(|rate| (rate.n_tasks, rate.seconds)), Some((5.0, 3600)));
}
