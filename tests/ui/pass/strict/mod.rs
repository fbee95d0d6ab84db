//! Generated code and macros where nothing is in scope and every lint is an error.

mod inside;

#[test]
fn it_is_all_there() {
    assert_eq!(inside::machines::all().len(), 2);
    assert_eq!(inside::machines::strict::State::ALL.len(), 3);
    let strict = inside::machines::Strict::default();
    assert_eq!((strict.name.as_str(), strict.tags.len(), strict.ratio), ("nobody", 2, 0.5));
    assert_eq!(strict.options["deep"][1], "x");
}
