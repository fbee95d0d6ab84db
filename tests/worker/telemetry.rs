//! What subscribers of `tracing` are told.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::{
    job::{Act, Desk},
    world::World,
};

/// Who, where and how often, on every line that is told during an attempt, those of user code too.
#[tokio::test(start_paused = true)]
async fn a_step_is_told_with_its_instance_state_and_attempt() {
    let scribe = Scribe::default();
    // With one subscriber alone `tracing` asks that of the thread which first comes to an event, and goes by its answer: that of
    // another test has none.
    let _another = tracing::Dispatch::new(scribe.clone());
    let _guard = tracing::subscriber::set_default(scribe.clone());
    let (world, desk) = (World::new(), Desk::scripted(|_, n_runs| if n_runs == 1 { Act::Panic } else { Act::Work }));
    let runs = world.start(1).await;
    let worker = world.worker(&desk).start().await.unwrap();
    desk.let_go(1);
    world.finish(&runs).await;
    worker.shutdown().await.unwrap();

    let lines = scribe.0.lock().unwrap().lines.clone();
    let told = |level: Level, text: &str, state: &str, attempt: u32| {
        let place = [
            "step machine=Job".to_owned(),
            format!("instance={}", runs[0].id()),
            format!("state={state:?}"),
            format!("attempt={attempt}"),
            text.to_owned(),
        ];
        let is_it = |(of, line): &&(Level, String)| *of == level && place.iter().all(|part| line.contains(part));
        lines.iter().filter(is_it).count()
    };
    assert_eq!(told(Level::WARN, "the attempt failed, and is followed by another", "Work", 1), 1, "{lines:#?}");
    assert_eq!(told(Level::INFO, "run 2", "Work", 2), 1, "{lines:#?}");
    assert_eq!(told(Level::DEBUG, "the step is done", "Work", 2), 1, "{lines:#?}");
    assert_eq!(told(Level::DEBUG, "the step is done", "Finish", 1), 1, "{lines:#?}");
}

/// Writes down each event behind the span that it is told in.
#[derive(Debug, Clone, Default)]
struct Scribe(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    /// The texts of all spans; the number of a span is its place from 1.
    spans: Vec<String>,
    entered: Vec<u64>,
    lines: Vec<(Level, String)>,
}

impl Subscriber for Scribe {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("fantasm")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        let mut book = self.0.lock().unwrap();
        book.spans.push(text.0);
        Id::from_u64(book.spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut book = self.0.lock().unwrap();
        let span = book.entered.last().and_then(|id| book.spans.get(usize::try_from(*id - 1).unwrap()));
        let mut text = Text(span.cloned().unwrap_or_default());
        event.record(&mut text);
        book.lines.push((*event.metadata().level(), text.0));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.pop();
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}
