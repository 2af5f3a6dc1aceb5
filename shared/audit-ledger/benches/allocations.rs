//! `cargo bench -p audit-ledger --bench allocations`: how often a committed record asks for memory.
//!
//! By itself, because counting has its price, which the other bench's figures must not hold.

#[path = "writer/world.rs"]
mod world;

use audit_testkit::measure::{Figure, Scale, report};

fn main() {
    let scale = Scale::from_arguments();
    let world = world::World::new(scale.choose(1, 10));
    let (_cloud, gate, writer) = world.fresh();
    let messages = world.messages.clone();
    let counted = allocation_counter::measure(|| {
        let outcome = gate.run(writer.commit_batch(messages)).expect("alive");
        assert_eq!(outcome.counts.committed, world.records as u64);
    });
    #[expect(clippy::cast_precision_loss, reason = "some thousand records")]
    let each = counted.count_total as f64 / world.records as f64;
    report(&[Figure::new("writer.allocations", each)]);
}
