//! What this implementation does, written down for the others.

use crate::{files::compare, one_connection, simulations, tables, trace::Trace};

#[test]
fn the_vectors_are_up_to_date() {
    let traces: Vec<_> =
        tables::all().into_iter().chain(simulations::traces()).chain([one_connection::trace()]).collect();
    let cases: Vec<_> = traces.iter().map(Trace::to_json).collect();
    let text = format!("[\n{}\n]\n", cases.join(",\n"));
    compare("ladder", &text);
}
