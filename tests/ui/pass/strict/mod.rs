//! Generated code and macros where nothing is in scope and every lint is an error.

mod inside;

#[test]
fn it_is_all_there() {
    assert_eq!(inside::machines::all().len(), 1);
    assert_eq!(inside::machines::strict::State::ALL.len(), 3);
}
