//! The body as the client meant it: unpacked where it came compressed, within a bound.
//!
//! What a body unpacks to is known only once it is unpacked, so it is written into memory up to
//! [`BODY_UNPACKED_BYTES_MAX`] and no further, however much more the stream would give. One gzip
//! member or one zstd frame is taken and nothing behind it: with many small ones a client could
//! make us begin anew a hundred thousand times in one request.

use std::borrow::Cow;
use std::io::Read;

use audit_lambda::http::{ApiError, Code, Detail, Request};
use audit_record::limits::BODY_UNPACKED_BYTES_MAX;

/// A zstd window of 16 MiB: all that a body may unpack to. RFC 9659 lets a client use 8 MiB; a
/// frame that holds its content in one segment has a window as large as that.
const ZSTD_WINDOW_LOG_MAX: u32 = 24;
/// What is taken, as `Accept-Encoding` says it (RFC 9110, section 15.5.16).
const TAKEN: &str = "gzip, zstd, identity";

/// A content coding that is undone here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// Why a body could not be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It is not what its encoding says.
    Corrupt,
    /// It holds more than a body may.
    TooLarge,
}

/// The body's bytes, unpacked.
///
/// # Errors
/// 415 for an encoding that is not taken, 413 for too many bytes as sent or unpacked, 400 where it
/// can't be read.
pub(crate) fn body(request: &Request) -> Result<Cow<'_, [u8]>, ApiError> {
    let coding = coding(request.header("content-encoding").unwrap_or_default())?;
    let sent = request.body()?;
    let Some(coding) = coding else {
        return Ok(Cow::Borrowed(sent));
    };
    let unpacked = match coding {
        Coding::Gzip => gunzip(sent, BODY_UNPACKED_BYTES_MAX),
        Coding::Zstd => unzstd(sent, BODY_UNPACKED_BYTES_MAX),
    };
    unpacked.map(Cow::Owned).map_err(|refusal| match refusal {
        Refusal::TooLarge => ApiError::new(
            Code::PayloadTooLarge,
            "The body unpacks to more than 16 MiB; send fewer records at once.",
        ),
        Refusal::Corrupt => {
            let message = match coding {
                Coding::Gzip => "the body is not one whole gzip member",
                Coding::Zstd => {
                    "the body is not one whole zstd frame with a window of 16 MiB at most"
                }
            };
            ApiError::new(Code::InvalidRequest, "The body can't be unpacked.")
                .with_detail(Detail::new("Content-Encoding", "invalid_encoding", message))
        }
    })
}

/// Reads the header: a list, of which empty members and `identity` say nothing (RFC 9110, sections
/// 5.6.1 and 8.4). Encodings inside each other are not undone: they save nothing and multiply what
/// a few bytes can unpack to.
fn coding(header: &str) -> Result<Option<Coding>, ApiError> {
    let mut names = header
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let Some(name) = names.next() else {
        return Ok(None);
    };
    if names.next().is_some() {
        return Err(unsupported(
            "The body may have one Content-Encoding only: gzip, zstd or identity.",
        ));
    }
    // RFC 9110, section 8.4.1.3: `x-gzip` is the same.
    if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
        Ok(Some(Coding::Gzip))
    } else if name.eq_ignore_ascii_case("zstd") {
        Ok(Some(Coding::Zstd))
    } else {
        Err(unsupported(
            "The body's Content-Encoding must be gzip, zstd or identity.",
        ))
    }
}

fn unsupported(message: &'static str) -> ApiError {
    ApiError::new(Code::UnsupportedMediaType, message).with_header("accept-encoding", TAKEN)
}

fn gunzip(packed: &[u8], limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut decoder = flate2::bufread::GzDecoder::new(packed);
    let unpacked = read_bounded(&mut decoder, packed.len(), limit)?;
    if decoder.into_inner().is_empty() {
        Ok(unpacked)
    } else {
        Err(Refusal::Corrupt)
    }
}

fn unzstd(packed: &[u8], limit: usize) -> Result<Vec<u8>, Refusal> {
    // A frame that says itself that it is too large need not be begun.
    if let Ok(Some(size)) = zstd::zstd_safe::get_frame_content_size(packed)
        && size > limit as u64
    {
        return Err(Refusal::TooLarge);
    }
    let mut rest = packed;
    let unpacked = {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(&mut rest)
            .map_err(|_| Refusal::Corrupt)?
            .single_frame();
        decoder
            .window_log_max(ZSTD_WINDOW_LOG_MAX)
            .map_err(|_| Refusal::Corrupt)?;
        read_bounded(&mut decoder, packed.len(), limit)?
    };
    if rest.is_empty() {
        Ok(unpacked)
    } else {
        Err(Refusal::Corrupt)
    }
}

/// Reads to the end, and one byte beyond the limit at most: that one tells "full" from "too large".
fn read_bounded(source: impl Read, packed: usize, limit: usize) -> Result<Vec<u8>, Refusal> {
    // JSON packs to a quarter or less; a stream's own word for its size is not believed.
    let mut unpacked = Vec::with_capacity(packed.saturating_mul(4).min(limit));
    source
        .take(limit as u64 + 1)
        .read_to_end(&mut unpacked)
        .map_err(|_| Refusal::Corrupt)?;
    if unpacked.len() > limit {
        return Err(Refusal::TooLarge);
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::bulk::compress(bytes, 1).expect("memory takes it")
    }

    type Unpack = fn(&[u8], usize) -> Result<Vec<u8>, Refusal>;
    type Pack = fn(&[u8]) -> Vec<u8>;
    const CODINGS: [(Pack, Unpack); 2] = [(gzip, gunzip), (zstd, unzstd)];

    #[test]
    fn the_header_names_one_coding_in_any_case_or_none() {
        for (header, expected) in [
            ("", Some(None)),
            ("identity", Some(None)),
            (" , Identity,", Some(None)),
            ("gzip", Some(Some(Coding::Gzip))),
            ("GZip", Some(Some(Coding::Gzip))),
            ("x-gzip", Some(Some(Coding::Gzip))),
            ("identity, zstd", Some(Some(Coding::Zstd))),
            ("gzip, gzip", None),
            ("gzip,zstd", None),
            ("br", None),
            ("deflate", None),
            ("gzip;q=1", None),
            ("*", None),
        ] {
            assert_eq!(coding(header).ok(), expected, "{header:?}");
        }
    }

    #[test]
    fn a_body_may_unpack_to_the_limit_and_no_byte_more() {
        for (pack, unpack) in CODINGS {
            let limit = 100_000;
            let full = vec![b' '; limit];
            assert_eq!(unpack(&pack(&full), limit).as_ref(), Ok(&full));
            let over = pack(&vec![b' '; limit + 1]);
            assert_eq!(unpack(&over, limit), Err(Refusal::TooLarge));
        }
    }

    #[test]
    fn a_frame_that_hides_its_size_is_bounded_too() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder
            .write_all(&vec![0; 200_000])
            .expect("memory takes it");
        let packed = encoder.finish().expect("memory takes it");
        assert!(matches!(
            zstd::zstd_safe::get_frame_content_size(&packed),
            Ok(None)
        ));
        assert_eq!(unzstd(&packed, 199_999), Err(Refusal::TooLarge));
        assert_eq!(unzstd(&packed, 200_000), Ok(vec![0; 200_000]));
    }

    #[test]
    fn a_second_member_is_refused() {
        for (pack, unpack) in CODINGS {
            let twice = [pack(b"[]"), pack(b"[]")].concat();
            assert_eq!(unpack(&twice, 100), Err(Refusal::Corrupt));
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back_and_nothing_else_does(
            bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
            cut in any::<prop::sample::Index>(),
            more in 1..20_usize,
        ) {
            for (pack, unpack) in CODINGS {
                let packed = pack(&bytes);
                prop_assert_eq!(unpack(&packed, 2_000), Ok(bytes.clone()));
                prop_assert_eq!(unpack(&packed[..cut.index(packed.len())], 2_000), Err(Refusal::Corrupt));
                let trailed = [packed, vec![0; more]].concat();
                prop_assert_eq!(unpack(&trailed, 2_000), Err(Refusal::Corrupt));
            }
        }

        #[test]
        fn no_bytes_unpack_beyond_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for (_, unpack) in CODINGS {
                if let Ok(unpacked) = unpack(&bytes, 64) {
                    prop_assert!(unpacked.len() <= 64);
                }
            }
        }
    }
}
