//! Segments: framing, spans, and that what follows a tree is what a builder writes.

use audit_fuzz::hold;
use audit_log::segment::{self, Builder, Segment};

use crate::golden;

#[test]
fn segment() {
    hold(&golden(&["segment-"]), |bytes| {
        if let Ok((entry, body)) = segment::item(bytes) {
            assert!(entry.len() + body.len() < bytes.len());
        }
        let Ok(segment) = Segment::read(bytes) else {
            return;
        };
        let header = &segment.header;
        assert_eq!(segment::header(bytes).as_ref(), Ok(header));
        assert_eq!(segment.items.len() as u64, header.count);
        // The items lie one behind the other up to the end, each readable alone.
        let mut end = segment.items.first().map_or(0, |item| item.span.offset);
        for item in &segment.items {
            assert_eq!(item.span.offset, end);
            end += item.span.length;
            let range = usize::try_from(item.span.offset).expect("a place")
                ..usize::try_from(end).expect("a place");
            assert_eq!(segment::item(&bytes[range]), Ok((item.entry, item.body)));
        }
        assert!(segment.items.is_empty() || end == bytes.len() as u64);
        let prev = header.prev;
        if segment
            .follow(&header.ledger, &header.frontier, prev)
            .is_err()
            || header.v != 1
        {
            return;
        }
        let mut builder = Builder::new(header.ledger.clone(), header.frontier.clone(), prev);
        for item in &segment.items {
            builder.push(item.entry, item.body).expect("room");
        }
        let built = builder.finish(header.created_at).expect("entries");
        assert_eq!(built.bytes, bytes);
    });
}
