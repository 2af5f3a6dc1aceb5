//! Segments and the tree: chains, changed bits, oracles.

use audit_log::segment::{self, Builder, Built, Full, InvalidSegment, Segment};
use audit_log::tree::{leaf_hash, node_hash};
use audit_log::{Frontier, Hash, Index, Size, cbor};
use audit_record::LedgerName;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;

use crate::sample::{AT, ledger};

fn build(frontier: &Frontier, prev: Option<Hash>, items: &[(&[u8], &[u8])]) -> Built {
    let mut builder = Builder::new(ledger(), frontier.clone(), prev);
    for (entry, body) in items {
        builder.push(entry, body).unwrap();
    }
    builder.finish(AT).unwrap()
}

fn chain() -> (Built, Built) {
    let first = build(&Frontier::new(), None, &[(b"genesis", b"key")]);
    let second = build(
        &first.frontier,
        Some(first.hash),
        &[(b"a", b"body"), (b"b", b""), (b"c", &[7; 300])],
    );
    (first, second)
}

#[test]
fn a_chain_of_segments_follows_from_the_first() {
    let (first, second) = chain();
    let (one, two) = (
        Segment::read(&first.bytes).unwrap(),
        Segment::read(&second.bytes).unwrap(),
    );
    let after = one.follow(&ledger(), &Frontier::new(), None).unwrap();
    assert_eq!(after, first.frontier);
    let after = two.follow(&ledger(), &after, Some(first.hash)).unwrap();
    assert_eq!((after.size(), after.root()), (Size(4), two.header.root));
    for (item, (span, leaf)) in two.items.iter().zip(&second.items) {
        assert_eq!((item.span, leaf_hash(item.entry)), (*span, *leaf));
        let range = usize::try_from(span.offset).unwrap()
            ..usize::try_from(span.offset + span.length).unwrap();
        assert_eq!(
            segment::item(&second.bytes[range.clone()]),
            Ok((item.entry, item.body))
        );
        for wrong in [range.start..range.end + 1, range.start..range.end - 1] {
            assert!(
                second
                    .bytes
                    .get(wrong)
                    .is_none_or(|bytes| segment::item(bytes).is_err())
            );
        }
    }
    assert_eq!(two.items[2].index, Index(3));
    assert_eq!(
        segment::header(&second.bytes[..400]),
        Ok(two.header.clone())
    );
    for (ledger, before, prev, what) in [
        ("demo/hiring", &first.frontier, Some(first.hash), "ledger"),
        ("demo/credit", &Frontier::new(), Some(first.hash), "start"),
        (
            "demo/credit",
            &build(&Frontier::new(), None, &[(b"x", b"")]).frontier,
            Some(first.hash),
            "frontier",
        ),
        ("demo/credit", &first.frontier, Some(second.hash), "prev"),
        ("demo/credit", &first.frontier, None, "prev"),
    ] {
        let ledger = LedgerName::parse(ledger).unwrap();
        assert_eq!(
            two.follow(&ledger, before, prev),
            Err(InvalidSegment::Chain(what))
        );
    }
}

#[test]
fn every_changed_bit_of_a_segment_is_refused_or_seen_in_its_hash() {
    let (first, second) = chain();
    for bit in 0..second.bytes.len() * 8 {
        let mut bytes = second.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(Hash::of(&[&bytes]), second.hash);
        // All but bodies and the time is bound by the segment itself.
        if let Ok(read) = Segment::read(&bytes)
            && read
                .follow(&ledger(), &first.frontier, Some(first.hash))
                .is_ok()
        {
            let kept = Segment::read(&second.bytes).unwrap();
            let differs = read
                .items
                .iter()
                .zip(&kept.items)
                .any(|(a, b)| a.body != b.body);
            assert!(
                differs || read.header.created_at != kept.header.created_at || read.header.v != 1,
                "bit {bit}"
            );
        }
    }
}

#[test]
fn a_segment_has_bounds() {
    let (first, _) = chain();
    let mut builder = Builder::new(ledger(), Frontier::new(), None);
    assert_eq!(builder.clone().finish(AT), None);
    builder.push(b"genesis", b"").unwrap();
    assert_eq!(builder.push(b"second", b""), Err(Full));

    let mut builder = Builder::new(ledger(), first.frontier.clone(), Some(first.hash));
    for _ in 0..segment::ENTRIES_MAX {
        builder.push(b"e", b"").unwrap();
    }
    assert_eq!(builder.push(b"e", b""), Err(Full));
    let built = builder.finish(AT).unwrap();
    assert_eq!(
        Segment::read(&built.bytes).unwrap().items.len(),
        segment::ENTRIES_MAX
    );

    let mut builder = Builder::new(ledger(), first.frontier, Some(first.hash));
    let body = vec![0; 1_000_000];
    while builder.fits(1, body.len()) {
        builder.push(b"e", &body).unwrap();
    }
    assert_eq!((builder.len(), builder.push(b"e", &body)), (5, Err(Full)));
    while builder.push(b"e", b"").is_ok() && builder.len() < 100 {}
    assert!(builder.bytes() <= segment::BYTES_MAX);
    let built = builder.finish(AT).unwrap();
    assert!(built.bytes.len() <= segment::BYTES_MAX && Segment::read(&built.bytes).is_ok());
}

/// A header of another version with a member that this code does not know.
fn later(v: u64, extra: bool) -> Vec<u8> {
    let mut out = Vec::new();
    cbor::write_map(if extra { 8 } else { 7 }, &mut out);
    cbor::write_text("v", &mut out);
    cbor::write_unsigned(v, &mut out);
    cbor::write_text("root", &mut out);
    cbor::write_bytes(leaf_hash(b"e").as_bytes(), &mut out);
    cbor::write_text("count", &mut out);
    cbor::write_unsigned(1, &mut out);
    cbor::write_text("start", &mut out);
    cbor::write_unsigned(0, &mut out);
    cbor::write_text("ledger", &mut out);
    cbor::write_text("demo/credit", &mut out);
    cbor::write_text("frontier", &mut out);
    cbor::write_array(0, &mut out);
    cbor::write_text("created_at", &mut out);
    cbor::write_text("2026-11-24T08:42:05.000Z", &mut out);
    if extra {
        cbor::write_text("later member", &mut out);
        out.extend_from_slice(&[0xc1, 0x82, 0x20, 0xf9, 0x3c, 0x00]);
    }
    cbor::write_array(2, &mut out);
    cbor::write_bytes(b"e", &mut out);
    cbor::write_bytes(b"", &mut out);
    out
}

#[test]
fn a_later_version_of_a_segment_is_read_all_the_same() {
    for (v, extra, good) in [
        (1, false, true),
        (2, true, true),
        (2, false, true),
        (1, true, false),
    ] {
        let bytes = later(v, extra);
        let read = Segment::read(&bytes);
        assert_eq!(read.is_ok(), good, "{v} {extra}");
        if let Ok(read) = read {
            assert_eq!(read.header.v, v);
            assert!(read.follow(&ledger(), &Frontier::new(), None).is_ok());
        }
    }
}

#[test]
fn cbor_that_is_not_deterministic_is_refused() {
    let good = later(1, false);
    assert!(Segment::read(&good).is_ok());
    for (from, to) in [
        (&[0x61, b'v', 0x01][..], &[0x61, b'v', 0x18, 0x01][..]),
        (&[0x61, b'v', 0x01], &[0x61, b'v', 0x01, 0x61, b'v', 0x01]),
        (&[b'r', 0x80], &[b'r', 0x9f, 0xff]),
        (&[0x82, 0x41], &[0x83, 0x41]),
        (&[0x82, 0x41], &[0x82, 0x58, 0x01]),
        (&[0x82, 0x41], &[0x82, 0x61]),
        (&[0xa7, 0x61], &[0xbf, 0x61]),
        (&[0xa7, 0x61], &[0xb8, 0x07, 0x61]),
    ] {
        let at = good
            .windows(from.len())
            .rposition(|window| window == from)
            .unwrap();
        let bytes = [&good[..at], to, &good[at + from.len()..]].concat();
        assert!(Segment::read(&bytes).is_err(), "{from:x?}");
    }
    assert!(Segment::read(&[&good[..], &[0]].concat()).is_err());
    for end in 0..good.len() {
        assert!(Segment::read(&good[..end]).is_err());
    }
}

#[test]
fn a_general_cbor_library_reads_what_is_written() {
    let (_, second) = chain();
    let mut decoder = minicbor::Decoder::new(&second.bytes);
    assert_eq!(decoder.map().unwrap(), Some(8));
    for _ in 0..16 {
        decoder.skip().unwrap();
    }
    for entry in [b"a", b"b", b"c"] {
        assert_eq!(decoder.array().unwrap(), Some(2));
        assert_eq!(decoder.bytes().unwrap(), entry);
        decoder.bytes().unwrap();
    }
    assert_eq!(decoder.position(), second.bytes.len());
    for value in [
        0,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        u64::from(u32::MAX),
        1 << 32,
        u64::MAX,
    ] {
        let mut ours = Vec::new();
        cbor::write_unsigned(value, &mut ours);
        assert_eq!(ours, minicbor::to_vec(value).unwrap());
        assert_eq!(
            (ours.len(), cbor::Reader::new(&ours).unsigned()),
            (cbor::head_len(value), Ok(value))
        );
    }
}

/// RFC 6962 section 2.1, word for word.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive(left), &naive(right))
        }
    }
}

#[test]
fn the_frontier_agrees_with_two_other_trees() {
    let (mut frontier, mut leaves) = (Frontier::new(), Vec::new());
    let mut oracle = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
    for number in 0..600_u32 {
        assert_eq!(frontier.root(), naive(&leaves));
        if number > 0 {
            assert_eq!(frontier.root().as_bytes()[..], oracle.root().as_bytes()[..]);
        }
        let entry = number.to_be_bytes().to_vec();
        frontier.append(leaf_hash(&entry));
        leaves.push(leaf_hash(&entry));
        oracle.push(entry);
        let again = Frontier::from_parts(frontier.size(), frontier.nodes().to_vec());
        assert_eq!(again.as_ref(), Ok(&frontier));
    }
    assert!(Frontier::from_parts(Size(3), frontier.nodes()[..1].to_vec()).is_err());
    assert!(Frontier::from_parts(Size(4), frontier.nodes()[..2].to_vec()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_items_come_back(
        before in 1..40_u64,
        items in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..80), prop::collection::vec(any::<u8>(), 0..400)), 1..20),
    ) {
        let mut frontier = Frontier::new();
        for number in 0..before {
            frontier.append(leaf_hash(&number.to_be_bytes()));
        }
        let items: Vec<_> = items.iter().map(|(entry, body)| (&entry[..], &body[..])).collect();
        let built = build(&frontier, Some(Hash::of(&[])), &items);
        let read = Segment::read(&built.bytes).unwrap();
        prop_assert_eq!(read.items.iter().map(|i| (i.entry, i.body)).collect::<Vec<_>>(), items);
        prop_assert_eq!(read.follow(&ledger(), &frontier, Some(Hash::of(&[]))), Ok(built.frontier));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _: bool = Segment::read(&bytes).is_ok() | audit_log::Body::read(&bytes).is_ok()
            | audit_log::KeyBody::read(&bytes).is_ok() | audit_log::Entry::read(&bytes).is_ok()
            | cbor::Reader::new(&bytes).skip().is_ok();
    }
}
