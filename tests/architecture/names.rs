//! Who must never name what.

use std::path::Path;

use crate::{
    assert_none, root,
    source::{self, Name, Source},
};

/// One row of the table.
#[derive(Debug)]
struct Rule {
    /// Folders or files.
    who: &'static [&'static str],
    /// Files among them to which it does not apply.
    except: &'static [&'static str],
    /// A crate, or a path or part of one.
    never: &'static [&'static str],
    because: &'static str,
}

/// Tests are exempt from all of it: they may know everything.
const RULES: &[Rule] = &[
    Rule {
        who: &["fantasm-spec/src"],
        except: &[],
        never: &[
            "tokio",
            "rusqlite",
            "sqlx",
            "syn",
            "quote",
            "proc_macro2",
            "std::fs",
            "std::env",
            "std::process",
            "fantasm",
            "fantasm_build",
            "fantasm_macros",
        ],
        because: "text in, model out: that is what build scripts, the command line and tests can all use",
    },
    Rule {
        who: &["fantasm-macros/src"],
        except: &["fantasm-macros/src/around.rs", "fantasm-macros/src/include.rs"],
        never: &["std::fs", "std::env", "std::process"],
        because: "a macro looks at one function; only for errors, two modules look elsewhere",
    },
    Rule {
        who: &["fantasm-macros/src", "fantasm/src"],
        except: &[],
        never: &["fantasm_spec", "fantasm_build", "serde_saphyr", "saphyr", "serde_yaml"],
        because: "there is one reader of fsm.yaml, and it runs at build time: the runtime runs what was checked",
    },
    Rule {
        who: &["fantasm/src/engine"],
        except: &[],
        never: &[
            "tokio",
            "rusqlite",
            "tracing",
            "std::fs",
            "std::thread",
            "fantasm::store",
            "fantasm::worker",
            "fantasm::client",
            "fantasm::clock",
            "std::time::SystemTime",
            "std::time::Instant",
            "Timestamp::now",
            "TaskKey::random",
            "WorkerId::random",
            "Uuid::new_v4",
            "fastrand",
            "rand",
        ],
        because: "the same input gives the same Commit: simulation, replay and the crash argument rest on it",
    },
    Rule {
        who: &["fantasm/src/store"],
        except: &[],
        never: &[
            "fantasm::worker",
            "fantasm::client",
            "fantasm::registry",
            "fantasm::action::Action",
            "fantasm::action::Continuation",
            "fantasm::answer",
            "fantasm::context",
            "fantasm::machine::MachineDescriptor",
            "fantasm::machine::StateDescriptor",
            "fantasm::machine::TransitionDescriptor",
            "fantasm::retry",
            "fantasm::engine::step",
            "fantasm::engine::start",
            "fantasm::engine::next_page",
            "fantasm::engine::Outcome",
            "fantasm::engine::Ending",
            "fantasm::engine::Path",
        ],
        because: "a store stores; it never decides",
    },
    Rule {
        who: &["fantasm/src/store/sqlite"],
        except: &[],
        never: &[
            "fantasm::store::memory",
            "fantasm::store::postgres",
            "fantasm::store::MemoryStore",
            "tokio_postgres",
            "tokio::runtime",
        ],
        because: "one store knows nothing of another",
    },
    Rule {
        who: &["fantasm/src/store/postgres"],
        except: &[],
        never: &["fantasm::store::memory", "fantasm::store::sqlite", "fantasm::store::MemoryStore", "rusqlite"],
        because: "one store knows nothing of another",
    },
    Rule {
        who: &["fantasm/src/worker", "fantasm/src/client", "fantasm/src/testing"],
        except: &[],
        never: &[
            "fantasm::store::sqlite",
            "fantasm::store::postgres",
            "fantasm::store::memory",
            "fantasm::store::SqliteStore",
            "fantasm::store::PostgresStore",
            "fantasm::store::MemoryStore",
            "rusqlite",
            "tokio_postgres",
        ],
        because: "they work on any Store, and so can yours",
    },
    Rule {
        who: &["fantasm/src", "fantasm-spec/src", "fantasm-build/src", "fantasm-macros/src", "fantasm-cli/src"],
        except: &["fantasm/src/clock.rs"],
        never: &[
            "std::time::SystemTime::now",
            "std::time::Instant::now",
            "SystemTime::now",
            "jiff::Timestamp::now",
            "Timestamp::now",
            "Zoned::now",
        ],
        because: "time is an input; tests move it, and two readings of one moment would differ",
    },
    Rule {
        who: &["fantasm", "fantasm-spec", "fantasm-cli", "examples", "tests", "xtask"],
        except: &["fantasm/src/private.rs"],
        never: &["fantasm::private"],
        because: "only generated code may: what is in there changes in any release",
    },
    Rule {
        who: &["fantasm/src", "fantasm-spec/src", "fantasm-build/src", "fantasm-macros/src"],
        except: &[],
        never: &["anyhow"],
        because: "whoever calls a library wants to tell its errors apart",
    },
];

impl Rule {
    fn findings(&self, source: &Source) -> Vec<String> {
        if !source.is_below(self.who) || source.is_below(self.except) {
            return Vec::new();
        }
        let names = source.names.iter().filter(|name| !name.is_test || is_about_tests(self));
        let found = names.filter_map(|name| Some((name, self.never.iter().find(|never| is_named(never, name))?)));
        found.map(|(name, never)| format!("{}:{}: names `{never}`: {}", source.path, name.line, self.because)).collect()
    }
}

/// A rule that names the folders of tests holds in them.
fn is_about_tests(rule: &Rule) -> bool {
    rule.who.contains(&"tests")
}

/// A crate is named by a path of it, an import or one of its macros, and not by a variable of its name.
fn is_named(never: &str, name: &Name) -> bool {
    let wanted: Vec<&str> = never.split("::").collect();
    if let [krate] = wanted[..] {
        let is_path = name.segments.len() > 1 || name.is_import || name.is_macro;
        return name.segments[0] == krate && is_path;
    }
    name.segments.windows(wanted.len()).any(|segments| segments == wanted)
}

#[test]
fn nobody_names_what_they_must_not_know() {
    let sources = source::all();
    let findings: Vec<String> =
        RULES.iter().flat_map(|rule| sources.iter().flat_map(|source| rule.findings(source))).collect();
    assert_none(&findings);
}

#[test]
fn every_rule_finds_what_it_forbids() {
    for rule in RULES {
        for never in rule.never {
            // The crate's own modules go by `crate` at home.
            let at_home = never.replacen("fantasm::", "crate::", 1);
            let (parent, last) = never.rsplit_once("::").unwrap_or(("crate_of", never));
            let mut samples = vec![
                format!("use {never};"),
                format!("use ::{never} as other;"),
                format!("fn f() {{ let x = {never}::x(); }}"),
                format!("macro_of!({{ [{never}::x] }});"),
            ];
            if never.contains("::") {
                samples.push(format!("use {parent}::{{a, b::c, {last}}};"));
                samples.push(format!("use {parent}; fn f() -> {}::{last} {{}}", parent.rsplit("::").next().unwrap()));
            }
            if rule.who.iter().any(|who| who.starts_with("fantasm/src")) {
                samples.push(format!("use {at_home};"));
            }
            for sample in samples {
                let source = Source::parse(&format!("{}/sample.rs", rule.who[0]), &sample);
                assert_eq!(rule.findings(&source).len(), 1, "`{sample}` against `{never}`");
            }
        }
    }
}

#[test]
fn relative_paths_are_names_too() {
    let rule = RULES.iter().find(|rule| rule.never.contains(&"fantasm::store")).unwrap();
    let source = Source::parse("fantasm/src/engine/step.rs", "use super::super::store::Lease; use super::task;");
    assert_eq!(rule.findings(&source).len(), 1);
}

#[test]
fn comments_strings_variables_and_tests_are_no_names() {
    let rule = &RULES[0];
    let text = r##"
        //! Not std::fs, and not tokio::spawn.
        /* use tokio; */
        const TEXT: &str = "tokio::spawn(std::fs::read)"; const RAW: &str = r#"use tokio;"#;
        fn f(quote: char) -> char { quote }
        #[cfg(test)]
        mod tests { use std::fs; fn g() { tokio::spawn(()); } }
        #[cfg(test)] use std::env;
    "##;
    assert_none(&rule.findings(&Source::parse("fantasm-spec/src/sample.rs", text)));
    let after_tests = "#[cfg(test)] mod tests {} use tokio::spawn;";
    assert_eq!(rule.findings(&Source::parse("fantasm-spec/src/sample.rs", after_tests)).len(), 1);
}

#[test]
fn every_rule_is_about_something_that_exists() {
    for rule in RULES {
        for path in rule.who.iter().chain(rule.except) {
            assert!(root().join(path).exists(), "{path} is gone, and the rule about it with it");
        }
        let modules = rule.never.iter().filter_map(|never| never.strip_prefix("fantasm::"));
        for module in modules.filter(|module| module.chars().all(|c| c.is_lowercase() || c == ':' || c == '_')) {
            let file = root().join("fantasm/src").join(module.replace("::", "/"));
            let is_function = module == "engine::start" || module == "engine::next_page";
            assert!(is_function || is_module(&file), "the module `{module}` is gone, and the rule about it with it");
        }
    }
}

fn is_module(path: &Path) -> bool {
    path.with_extension("rs").is_file() || path.join("mod.rs").is_file()
}
