//! What fsm.yaml can say and the runtime does not do is refused, and never passed over.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::PathBuf};

const FSM_YAML: &str = "\
edition: 2
queues:
- name: mail
  rate: 50/s
state_machines:
- name: EmailBatch
  schedule: '30 4 * * *'
  priority: 10
  states:
  - name: Send
    initial: true
    final: true
    continuation: true
    action: mail.send
    transitions:
    - event: sent
      to: Count
  - name: Count
    fan_in: 2
    final: true
    action: mail.count
  - name: Done
    final: true
    priority: 3
";

#[test]
fn what_is_not_done_is_refused() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("unsupported");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("fsm.yaml");
    fs::write(&file, FSM_YAML).unwrap();
    fantasm_build::Config::new(&file).out_dir(&folder).compile();
    let told = fs::read_to_string(folder.join("fantasm-errors.txt")).unwrap();
    let told = told.replace(&*file.to_string_lossy().replace('\\', "/"), "fsm.yaml");
    let queue = "a worker of its own for the queue (`.queues([…])`) runs at most `.concurrency(…)` tasks at once";
    let priority = "with a worker of its own for their queue (`.queues([…])`) urgent tasks wait for no others";
    let expected = [
        format!("fsm.yaml:3:9: queue `mail` has `rate`, which this version of fantasm does not do; remove it; {queue}"),
        "fsm.yaml:6:9: machine `EmailBatch` has `schedule`, which this version of fantasm does not do; remove it, and start the \
         machine from your program when it is time"
            .to_owned(),
        format!(
            "fsm.yaml:6:9: machine `EmailBatch` has `priority`, which this version of fantasm does not do; remove it; {priority}"
        ),
        format!("fsm.yaml:22:11: state `Done` has `priority`, which this version of fantasm does not do; remove it; {priority}"),
    ];
    assert_eq!(told.split('\0').collect::<Vec<_>>(), expected);
}
