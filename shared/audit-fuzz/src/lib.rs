//! Inputs of the fuzz targets: bytes of a corpus, changed.
//!
//! The targets stand in `tests/it`, one module for each reader of bytes that come from outside. They
//! run under bolero's test engine, on stable and without instrumentation, so an input is made to get
//! deep by what it is: a few changes to a good one, drawn at random and shrunk when they fail. Each
//! target runs for a bounded time in the tests; `cargo xtask fuzz [NAME] [--seconds N]` runs longer.
//!
//! A failure prints `BOLERO_RANDOM_SEED`, which replays it, and the input's bytes; put those into
//! `corpus/<target>` so that every later run begins with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bolero::TypeGenerator;

/// How long a target runs where `BOLERO_RANDOM_TEST_TIME_MS` says nothing else.
const TEST_TIME: Duration = Duration::from_secs(2);
/// The most bytes of an input: enough for every bound of a reader that a short test can reach.
const BYTES: usize = 256 * 1024;

/// What JSON, CBOR and base64 hold where it matters.
const TOKENS: [&[u8]; 28] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"-0",
    b"1e300",
    b"9007199254740993",
    b"1e-400",
    b"\"id\":",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x81",
    b"\x82",
    b"\x9f",
    b"\xa0",
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x18\x01",
    b"\xf6",
    b"\n",
    b"=",
    b"\x28\xb5\x2f\xfd",
];

/// One change to an input. Places and lengths are taken modulo what there is.
#[derive(Debug, Clone, TypeGenerator)]
enum Change {
    Set(u32, u8),
    Flip(u32, u8),
    Insert(u32, Vec<u8>),
    Token(u32, u8),
    Remove(u32, u16),
    Repeat(u32, u16, u8),
    Copy(u32, u16, u32),
    Cut(u32),
}

/// A member of the corpus and what is changed of it.
#[derive(Debug, Clone, TypeGenerator)]
struct Input {
    seed: u16,
    changes: Vec<Change>,
}

impl Input {
    fn bytes(&self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[usize::from(self.seed) % seeds.len()].clone();
        // Few changes keep the rest good; the generator's lists are up to 64 long.
        for change in self.changes.iter().take(1 + usize::from(self.seed) % 7) {
            change.apply(&mut bytes);
            bytes.truncate(BYTES);
        }
        bytes
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: u32, len: usize| at as usize % (len + 1);
        let len = bytes.len();
        match self {
            Self::Set(at, to) => {
                if let Some(byte) = bytes.get_mut(place(*at, len)) {
                    *byte = *to;
                }
            }
            Self::Flip(at, bit) => {
                if let Some(byte) = bytes.get_mut(place(*at, len)) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Insert(at, more) => insert(bytes, place(*at, len), more),
            Self::Token(at, token) => {
                insert(
                    bytes,
                    place(*at, len),
                    TOKENS[usize::from(*token) % TOKENS.len()],
                );
            }
            Self::Remove(at, count) => {
                let at = place(*at, len);
                bytes.drain(at..len.min(at + usize::from(*count) % 64));
            }
            Self::Repeat(at, count, times) => {
                let at = place(*at, len);
                let piece = bytes[at..len.min(at + usize::from(*count) % 64)].to_vec();
                insert(bytes, at, &piece.repeat(usize::from(*times)));
            }
            Self::Copy(from, count, to) => {
                let from = place(*from, len);
                let piece = bytes[from..len.min(from + usize::from(*count))].to_vec();
                insert(bytes, place(*to, len), &piece);
            }
            Self::Cut(at) => bytes.truncate(place(*at, len)),
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, more: &[u8]) {
    let rest = bytes.split_off(at);
    bytes.extend_from_slice(more);
    bytes.extend(rest);
}

/// The files of a directory of the workspace, below `shared/`, in the order of their names.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn files(directory: &str) -> Vec<Vec<u8>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let directory = shared.expect("a parent").join(directory);
    let entries = fs::read_dir(&directory).expect("a directory of seeds");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| fs::read(path).expect("a seed"))
        .collect();
    assert!(!files.is_empty(), "{} is empty", directory.display());
    files
}

/// Holds a property for each seed as it is, then for changed ones until the time is over.
///
/// # Panics
/// Where the property does.
pub fn hold(seeds: &[Vec<u8>], property: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    assert!(!seeds.is_empty(), "a target begins with something");
    for seed in seeds {
        property(seed);
    }
    bolero::check!()
        .with_test_time(TEST_TIME)
        .with_type::<Input>()
        .for_each(|input| property(&input.bytes(seeds)));
}
