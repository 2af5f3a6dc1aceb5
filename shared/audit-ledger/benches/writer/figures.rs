//! The writer's CPU path beside the bare loop, in turns.

use audit_testkit::measure::{Figure, Rounds, Scale, timed};

use crate::bare::{Bare, Key};
use crate::world::{LEDGER, World};

/// The figures of the bench `writer`.
pub(crate) fn figures(scale: Scale) -> Vec<Figure> {
    // 1,000 records: what a lane delivers at a time.
    let world = World::new(scale.choose(1, 10));
    let bodies: Vec<String> = world.messages.iter().map(|m| m.body.clone()).collect();
    let mut bare = bare();
    let writer = || {
        let (cloud, gate, writer) = world.fresh();
        let messages = world.messages.clone();
        let (took, outcome) = timed(|| gate.run(writer.commit_batch(messages)));
        let counts = outcome.expect("alive").counts;
        assert_eq!(counts.committed, world.records as u64);
        drop(cloud);
        took
    };
    let loop_ = || timed(|| bare.run(&bodies)).0;
    let rounds = Rounds::take(scale.choose(1, 41), [Box::new(writer), Box::new(loop_)]);
    #[expect(clippy::cast_precision_loss, reason = "some thousand records")]
    let records = world.records as f64;
    vec![
        Figure::new(
            "writer.ratio",
            rounds.median(|[writer, bare]| bare / writer),
        ),
        Figure::new("writer.rate", records / rounds.seconds(0)),
        Figure::new("writer.bare_rate", records / rounds.seconds(1)),
    ]
}

/// The bare loop with keys of its own.
pub(crate) fn bare() -> Bare {
    Bare::new(
        LEDGER,
        Key::new([1; 16], [2; 32]),
        Key::new([3; 16], [4; 32]),
    )
}
