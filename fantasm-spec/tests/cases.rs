//! One folder a case: `cases/<code>/<case>/{fsm.yaml,stderr.txt}` for what is said, `cases/valid/<case>/{fsm.yaml,model.txt}` for
//! what is made of a file. `UPDATE_EXPECT=1` writes the expected files anew; read the difference before you commit it.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use fantasm_spec::{Code, Report, load};

use support::expect::expect;
use support::{Folder, describe};

#[test]
fn every_case_says_what_is_expected() {
    for code in Code::ALL {
        for case in folders(&cases().join(code.as_str())) {
            check(*code, &case);
        }
    }
}

#[test]
fn every_valid_case_becomes_the_expected_model() {
    for case in folders(&cases().join("valid")) {
        match load("fsm.yaml", &Folder(&case)) {
            Ok(loaded) => expect(&case.join("model.txt"), &(describe::spec(&loaded.spec) + &loaded.warnings.render())),
            Err(report) => panic!("{}: {report}", case.display()),
        }
    }
}

#[test]
fn every_code_has_a_case_a_summary_and_an_explanation() {
    for code in Code::ALL {
        let is_in_test_of_its_own = *code == Code::YamlFileTooLarge;
        assert!(is_in_test_of_its_own || !folders(&cases().join(code.as_str())).is_empty(), "{code} has no case");
        assert!(code.summary().ends_with('.'), "{code} has no summary");
        let explanation = code.explanation();
        assert!(
            explanation.starts_with(&format!("# {code}\n\n{}\n", code.summary())),
            "{code}: the explanation starts otherwise"
        );
        assert!(explanation.contains("```yaml"), "{code}: the explanation has no example");
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
}

#[test]
fn every_folder_is_named_after_a_code() {
    for folder in folders(&cases()) {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(name == "valid" || name.parse::<Code>().is_ok(), "{name} is no code");
    }
}

/// Loads the file of a case; the code must be among what is said, and all of it as expected.
fn check(code: Code, case: &Path) {
    let report = match load("fsm.yaml", &Folder(case)) {
        Ok(loaded) => loaded.warnings,
        Err(report) => report,
    };
    assert!(says(&report, code), "{} does not say {code}:\n{report}", case.display());
    for diagnostic in report.diagnostics() {
        assert!(diagnostic.help.is_some(), "{} does not say what to do: {}", case.display(), diagnostic.message);
    }
    expect(&case.join("stderr.txt"), &report.render());
}

fn says(report: &Report, code: Code) -> bool {
    report.diagnostics().iter().any(|diagnostic| diagnostic.code == code)
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
