//! What stands for the limit: the work that the formats demand of a writer, and nothing else, in
//! one loop over buffers that are used again.
//!
//! It unpacks the same messages, parses strictly, makes salts and disclosures, compresses, seals,
//! and lays out one segment, with the fastest crates there are: `sha2`'s block function with the
//! HMAC key's two states kept, `base64-simd`, libzstd at the writer's level, XAES-256-GCM over the
//! processor's own instructions. It validates nothing, looks nothing up, keeps no index and can't
//! fail half-way. A test opens its segment with the readers of `audit-log`: it takes no short cut.

use audit_log::canonical;
use audit_record::json::{self, Object, Value};
use audit_record::{Millis, RecordId};
use base64_simd::{Out, STANDARD, URL_SAFE_NO_PAD};
use sha2::block_api::compress256;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};
use zstd::bulk::{Compressor, Decompressor};

/// zstd's level, the writer's.
const LEVEL: i32 = 1;
const UNPACKED_MAX: usize = 32 * 1024 * 1024;
/// The random bytes that one part takes: nonce and salt.
const RANDOM: usize = 24 + 32;

type Digest = [u8; 32];

/// The key of a part: its id and its cipher.
pub(crate) struct Key {
    pub(crate) id: [u8; 16],
    cipher: Xaes256Gcm,
}

impl Key {
    pub(crate) fn new(id: [u8; 16], secret: [u8; 32]) -> Self {
        Self {
            id,
            cipher: Xaes256Gcm::new(&secret.into()),
        }
    }
}

/// A field's place in the text.
struct Field {
    is_fact: bool,
    /// Where pointer, quoted pointer and value begin, and where the value ends.
    at: [usize; 4],
}

/// The loop and its buffers.
pub(crate) struct Bare {
    ledger: &'static str,
    keys: [Key; 2],
    unpack: Decompressor<'static>,
    compress: Compressor<'static>,
    packed: Vec<u8>,
    message: Vec<u8>,
    random: Vec<u8>,
    text: Vec<u8>,
    fields: Vec<Field>,
    json: Vec<u8>,
    disclosure: Vec<u8>,
    digests: Vec<Digest>,
    plaintext: Vec<u8>,
    data: Vec<u8>,
    body: Vec<u8>,
    entry: Vec<u8>,
    /// The items of the segment.
    pub(crate) items: Vec<u8>,
    frontier: Vec<Digest>,
    size: u64,
}

impl Bare {
    pub(crate) fn new(ledger: &'static str, facts: Key, content: Key) -> Self {
        Self {
            ledger,
            keys: [facts, content],
            unpack: Decompressor::new().expect("a decompressor"),
            compress: Compressor::new(LEVEL).expect("a compressor"),
            packed: Vec::new(),
            message: Vec::new(),
            random: Vec::new(),
            text: Vec::new(),
            fields: Vec::new(),
            json: Vec::new(),
            disclosure: Vec::new(),
            digests: Vec::new(),
            plaintext: Vec::new(),
            data: Vec::new(),
            body: Vec::new(),
            entry: Vec::new(),
            items: Vec::new(),
            frontier: Vec::new(),
            size: 0,
        }
    }

    /// Does the work for the messages of one batch; gives the segment's hash.
    pub(crate) fn run(&mut self, bodies: &[String]) -> Digest {
        self.items.clear();
        self.frontier.clear();
        self.size = 0;
        for body in bodies {
            self.take_message(body);
        }
        let root = self
            .frontier
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node(&left, &right));
        self.items.extend_from_slice(&root.unwrap_or_default());
        let hash = sha256(&self.items);
        self.items.truncate(self.items.len() - 32);
        hash
    }

    fn take_message(&mut self, body: &str) {
        let Self {
            packed, message, ..
        } = self;
        let len = STANDARD.decoded_length(body.as_bytes()).expect("base64");
        packed.resize(len, 0);
        let decoded = STANDARD
            .decode(body.as_bytes(), Out::from_slice(packed))
            .expect("base64");
        let size = zstd::zstd_safe::get_frame_content_size(decoded)
            .ok()
            .flatten();
        let size = usize::try_from(size.expect("a size")).expect("memory");
        assert!(size <= UNPACKED_MAX);
        message.clear();
        message.reserve(size);
        self.unpack
            .decompress_to_buffer(decoded, message)
            .expect("a frame");
        let message = std::mem::take(&mut self.message);
        let mut decoder = minicbor::Decoder::new(&message);
        decoder.array().expect("a message");
        decoder.skip().expect("a form");
        decoder.skip().expect("a request id");
        let received_at = Millis::parse_exact(decoder.str().expect("a time"))
            .expect("a time")
            .text();
        let records = decoder.array().expect("records").expect("a length");
        // One call for all of them: still fresh bytes of the operating system for each seal.
        self.random
            .resize(usize::try_from(records).expect("memory") * 2 * RANDOM, 0);
        getrandom::fill(&mut self.random).expect("randomness");
        for at in 0..records {
            let raw = decoder.bytes().expect("a record");
            self.seal(
                raw,
                &received_at,
                usize::try_from(at).expect("memory") * 2 * RANDOM,
            );
        }
        self.message = message;
    }

    fn seal(&mut self, raw: &[u8], received_at: &[u8], random: usize) {
        let value = json::parse(raw).expect("a record");
        let record = value.as_object().expect("an object");
        let id = record.get("id").and_then(Value::as_str).expect("an id");
        RecordId::parse(id).expect("an id");
        self.collect(record);
        self.body.clear();
        self.body.push(0x82);
        let mut contents = [[0; 32]; 2];
        for (part, content) in contents.iter_mut().enumerate() {
            let mut secrets = [0; RANDOM];
            secrets.copy_from_slice(&self.random[random + part * RANDOM..][..RANDOM]);
            *content = self.seal_part(part, id, &secrets);
        }
        let mut all = b"audit-content/v1\0\x02".to_vec();
        all.extend_from_slice(contents.as_flattened());
        self.write_entry(id, record, &sha256(&all), received_at);
        let leaf = sha256(&self.entry);
        self.append(leaf);
        self.items.push(0x82);
        head(2, self.entry.len() - 1, &mut self.items);
        self.items.extend_from_slice(&self.entry[1..]);
        head(2, self.body.len(), &mut self.items);
        self.items.extend_from_slice(&self.body);
    }

    /// All fields with pointer, quoted pointer and canonical value, in the order of pointers.
    fn collect(&mut self, record: &Object<'_>) {
        self.text.clear();
        self.fields.clear();
        let mut path = Vec::with_capacity(96);
        for (name, value) in record {
            path.clear();
            path.push(b'/');
            path.extend_from_slice(name.as_bytes());
            match (&**name, value) {
                ("attributes" | "regulatory" | "decision", Value::Object(object)) => {
                    let len = path.len();
                    for (name, value) in object {
                        path.truncate(len);
                        path.push(b'/');
                        path.extend_from_slice(name.as_bytes());
                        match value {
                            Value::Object(object) if name == "oversight" => {
                                let len = path.len();
                                for (name, value) in object {
                                    path.truncate(len);
                                    path.push(b'/');
                                    path.extend_from_slice(name.as_bytes());
                                    self.field(&path, value);
                                }
                            }
                            value => self.field(&path, value),
                        }
                    }
                }
                (_, value) => self.field(&path, value),
            }
        }
        let text = &self.text;
        self.fields
            .sort_unstable_by(|a, b| text[a.at[0]..a.at[1]].cmp(&text[b.at[0]..b.at[1]]));
    }

    fn field(&mut self, pointer: &[u8], value: &Value<'_>) {
        let text = &mut self.text;
        let start = text.len();
        text.extend_from_slice(pointer);
        let quoted = text.len();
        text.push(b'"');
        text.extend_from_slice(pointer);
        text.push(b'"');
        let written = text.len();
        canonical::write(value, text);
        self.fields.push(Field {
            is_fact: is_fact(pointer) && audit_record::facts::fits(value),
            at: [start, quoted, written, text.len()],
        });
    }

    fn seal_part(&mut self, part: usize, id: &str, secrets: &[u8; RANDOM]) -> Digest {
        let (nonce, salt) = secrets.split_first_chunk::<24>().expect("24 bytes");
        self.disclose(part == 0, salt);
        self.digests.sort_unstable();
        let mut all = b"audit-part/v1\0".to_vec();
        all.extend_from_slice(self.digests.as_flattened());
        let part_content = sha256(&all);
        let plaintext = &mut self.plaintext;
        plaintext.clear();
        plaintext.resize(36 + zstd::zstd_safe::compress_bound(self.json.len()), 0);
        let frame = self
            .compress
            .compress_to_buffer(&self.json, &mut plaintext[36..])
            .expect("room");
        plaintext[..32].copy_from_slice(salt);
        plaintext[32..36].copy_from_slice(&u32::try_from(frame).expect("4 GB").to_be_bytes());
        plaintext.truncate(36 + frame);
        plaintext.resize(padded(36 + frame), 0);
        let key = &self.keys[part];
        self.data.clear();
        self.data.extend_from_slice(b"audit-seal/v1\0\x85");
        text(self.ledger, &mut self.data);
        text(id, &mut self.data);
        self.data.push(u8::from(part == 1));
        bytes(&key.id, &mut self.data);
        bytes(&part_content, &mut self.data);
        let tag = key
            .cipher
            .encrypt_inout_detached(nonce.into(), &self.data, plaintext.as_mut_slice().into())
            .expect("below the limit");
        let out = &mut self.body;
        out.push(0xa4);
        text("nonce", out);
        bytes(nonce, out);
        text("key_id", out);
        bytes(&key.id, out);
        text("ciphertext", out);
        head(2, plaintext.len() + 16, out);
        out.extend_from_slice(plaintext);
        out.extend_from_slice(&tag);
        text("part_content", out);
        bytes(&part_content, out);
        part_content
    }

    /// Makes `json` the part's fields and `digests` their disclosures' digests.
    fn disclose(&mut self, facts: bool, salt: &[u8]) {
        let (inner, outer) = hmac_states(salt);
        self.json.clear();
        self.digests.clear();
        self.json.push(b'{');
        for field in self.fields.iter().filter(|field| field.is_fact == facts) {
            let [pointer, quoted, value, end] = field.at;
            let mac = finish(inner, 64, &self.text[pointer..quoted]);
            let mac = finish(outer, 64, &mac);
            let start = self.json.len();
            self.json.extend_from_slice(b"[\"");
            URL_SAFE_NO_PAD.encode_append(&mac[..16], &mut self.json);
            self.json.extend_from_slice(b"\",");
            self.json.extend_from_slice(&self.text[quoted..value]);
            self.json.push(b',');
            self.json.extend_from_slice(&self.text[value..end]);
            self.json.push(b']');
            self.disclosure.clear();
            URL_SAFE_NO_PAD.encode_append(&self.json[start..], &mut self.disclosure);
            self.digests.push(sha256(&self.disclosure));
            self.json.truncate(start);
            if start > 1 {
                self.json.push(b',');
            }
            self.json.extend_from_slice(&self.text[quoted..value]);
            self.json.push(b':');
            self.json.extend_from_slice(&self.text[value..end]);
        }
        self.json.push(b'}');
    }

    /// The entry, behind the zero byte that its leaf hash begins with.
    fn write_entry(&mut self, id: &str, record: &Object<'_>, content: &Digest, received_at: &[u8]) {
        let out = &mut self.entry;
        out.clear();
        out.extend_from_slice(b"\0{\"body\":{\"len\":");
        out.extend_from_slice(self.body.len().to_string().as_bytes());
        out.extend_from_slice(b",\"sha256\":\"");
        URL_SAFE_NO_PAD.encode_append(sha256(&self.body), out);
        out.extend_from_slice(b"\"},\"content\":\"");
        URL_SAFE_NO_PAD.encode_append(content, out);
        out.extend_from_slice(b"\",\"id\":\"");
        out.extend_from_slice(id.as_bytes());
        out.extend_from_slice(b"\",\"kind\":\"record\",\"ledger\":\"");
        out.extend_from_slice(self.ledger.as_bytes());
        out.extend_from_slice(b"\",\"producer\":{\"id\":");
        let producer = |name| record.get("producer").and_then(|p| p.get(name));
        canonical::write(producer("id").expect("a producer"), out);
        out.extend_from_slice(b",\"seq\":");
        canonical::write(producer("seq").expect("a number"), out);
        out.extend_from_slice(b"},\"received_at\":\"");
        out.extend_from_slice(received_at);
        out.extend_from_slice(b"\",\"v\":1}");
    }

    fn append(&mut self, mut leaf: Digest) {
        for _ in 0..self.size.trailing_ones() {
            let left = self.frontier.pop().expect("a subtree");
            leaf = node(&left, &leaf);
        }
        self.frontier.push(leaf);
        self.size += 1;
    }
}

/// The facts' pointers that the records have.
fn is_fact(pointer: &[u8]) -> bool {
    matches!(
        pointer,
        b"/attributes/audit.call.attempts"
            | b"/attributes/audit.call.completion"
            | b"/attributes/audit.call.cost"
            | b"/attributes/audit.call.provider_request_id"
            | b"/attributes/gen_ai.operation.name"
            | b"/attributes/gen_ai.provider.name"
            | b"/attributes/gen_ai.request.model"
            | b"/attributes/gen_ai.response.finish_reasons"
            | b"/attributes/gen_ai.response.id"
            | b"/attributes/gen_ai.response.model"
            | b"/attributes/gen_ai.usage.cache_read.input_tokens"
            | b"/attributes/gen_ai.usage.input_tokens"
            | b"/attributes/gen_ai.usage.output_tokens"
            | b"/attributes/gen_ai.usage.reasoning.output_tokens"
            | b"/decision/adverse"
            | b"/decision/ai_role"
            | b"/decision/confidence"
            | b"/decision/confidence_source"
            | b"/decision/outcome"
            | b"/decision/oversight/required"
            | b"/decision/policy"
            | b"/decision/risk_level"
            | b"/ended_at"
            | b"/environment"
            | b"/id"
            | b"/occurred_at"
            | b"/producer"
            | b"/system"
            | b"/trace_id"
            | b"/type"
    )
}

const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

fn sha256(data: &[u8]) -> Digest {
    finish(INITIAL, 0, data)
}

/// The states after the two padded keys of HMAC.
fn hmac_states(key: &[u8]) -> ([u32; 8], [u32; 8]) {
    let state = |pad: u8| {
        let mut block = [pad; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        let mut state = INITIAL;
        compress256(&mut state, &[block]);
        state
    };
    (state(0x36), state(0x5c))
}

/// SHA-256 from a state on, of which so many bytes went in.
fn finish(mut state: [u32; 8], before: usize, data: &[u8]) -> Digest {
    let (blocks, rest) = data.as_chunks::<64>();
    compress256(&mut state, blocks);
    let mut last = [[0; 64]; 2];
    let flat = last.as_flattened_mut();
    flat[..rest.len()].copy_from_slice(rest);
    flat[rest.len()] = 0x80;
    let count = if rest.len() < 56 { 1 } else { 2 };
    let bits = (before + data.len()) as u64 * 8;
    flat[count * 64 - 8..count * 64].copy_from_slice(&bits.to_be_bytes());
    compress256(&mut state, &last[..count]);
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

fn node(left: &Digest, right: &Digest) -> Digest {
    let mut both = [1; 65];
    both[1..33].copy_from_slice(left);
    both[33..].copy_from_slice(right);
    sha256(&both)
}

fn padded(len: usize) -> usize {
    let e = len.max(256).ilog2();
    let s = e.ilog2() + 1;
    len.max(256).next_multiple_of(1 << (e - s))
}

/// CBOR's head of a string of bytes (major type 2) or text (3).
fn head(major: u8, len: usize, out: &mut Vec<u8>) {
    let major = major << 5;
    if len < 24 {
        out.push(major | u8::try_from(len).expect("below 24"));
    } else if let Ok(len) = u8::try_from(len) {
        out.extend_from_slice(&[major | 0x18, len]);
    } else if let Ok(len) = u16::try_from(len) {
        out.push(major | 0x19);
        out.extend_from_slice(&len.to_be_bytes());
    } else {
        out.push(major | 0x1a);
        out.extend_from_slice(&u32::try_from(len).expect("4 GB").to_be_bytes());
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    head(3, text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    head(2, bytes.len(), out);
    out.extend_from_slice(bytes);
}
