//! No file, whatever it holds, makes the loader panic, hang or fall silent.

use fantasm_spec::{Code, Files, MAX_FILE_BYTES, ReadError, Report, load, load_str};

/// One answer for every path.
struct Always(Result<Vec<u8>, ReadError>);

impl Files for Always {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadError> {
        self.0.clone()
    }
}

#[track_caller]
fn refused(answer: Result<Vec<u8>, ReadError>) -> Report {
    load("fsm.yaml", &Always(answer)).expect_err("the file is not usable")
}

#[test]
fn a_missing_file_is_told_with_its_path() {
    let report = refused(Err(ReadError::NotFound));
    assert_eq!(
        report.to_string().trim_end(),
        "error[yaml-file-not-found]: there is no file `fsm.yaml`\n --> fsm.yaml:1:1\n  |\n1 |\n  | ^\n  |\n  \
         = help: check the path and the folder that you are in"
    );
}

#[test]
fn an_unreadable_file_is_told_with_the_reason() {
    let report = refused(Err(ReadError::Unreadable("permission denied".to_owned())));
    assert_eq!(report.diagnostics()[0].message, "`fsm.yaml` cannot be read: permission denied");
}

#[test]
fn a_huge_file_is_refused_before_it_is_parsed() {
    let report = refused(Ok(vec![b'-'; MAX_FILE_BYTES + 1]));
    assert_eq!(report.diagnostics()[0].code, Code::YamlFileTooLarge);
    assert_eq!(report.diagnostics()[0].place.to_string(), "fsm.yaml:1:1");
}

#[test]
fn a_chain_of_imports_ends() {
    /// Every file imports the next.
    struct Chain;
    impl Files for Chain {
        fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
            let number: usize = path.trim_end_matches(".yaml").parse().map_err(|_| ReadError::NotFound)?;
            Ok(format!("state_machines:\n- import: {}.yaml\n", number + 1).into_bytes())
        }
    }
    let report = load("0.yaml", &Chain).expect_err("it never ends");
    assert_eq!(report.diagnostics()[0].code, Code::YamlTooComplex);
}

#[test]
fn every_damage_to_a_file_is_survived_and_told() {
    for text in [include_str!("cases/valid/email_batch/fsm.yaml"), include_str!("cases/valid/inheritance/fsm.yaml")] {
        // Steps that share no factor with the indentation, so that every kind of place is hit.
        for at in (0..text.len()).step_by(7).filter(|at| text.is_char_boundary(*at)) {
            judge(&text[..at]);
            judge(&format!("{}{}", &text[..at], &text[at + 1..]));
            for inserted in ["\t", ":", "- ", "[", "'", "&a ", "\u{0}", "é", "\n"] {
                judge(&format!("{}{inserted}{}", &text[..at], &text[at..]));
            }
        }
    }
}

/// Loads a text; everything that is said has a place in it and a next step.
fn judge(text: &str) {
    let report = match load_str("fsm.yaml", text) {
        Ok(loaded) => loaded.warnings,
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason: {text}");
            report
        }
    };
    for diagnostic in report.diagnostics() {
        assert!(diagnostic.help.is_some(), "{}: {text}", diagnostic.message);
        assert!(!diagnostic.message.contains('\n'), "{}: {text}", diagnostic.message);
    }
    assert!(report.is_empty() || report.render().contains("--> fsm.yaml:"));
}
