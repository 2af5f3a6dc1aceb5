//! A loopback server that is the Lambda runtime API and AWS at once: as much of HTTP/1.1 as the
//! runtime and the AWS clients use, one thread a connection.
//!
//! It hands out one invocation (AWS: "Using the Lambda runtime API"), keeps its answer, and lets
//! the next poll wait for ever.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use crate::failure::{OrFail, Result};

use super::answers;

const RUNTIME: &str = "/2018-06-01/runtime/invocation/";

/// The server; it ends with this process.
#[derive(Debug)]
pub(super) struct Services {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    event: Mutex<Option<String>>,
    answer: Mutex<Option<String>>,
}

/// A request, as far as answers depend on it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// What AWS's JSON protocols name the operation by.
    pub(super) target: String,
    pub(super) body: Vec<u8>,
}

/// An answer: status, headers besides the length, body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: String,
}

impl Services {
    /// Starts it with the event of the one invocation.
    pub(super) fn start(event: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").or_fail("listen on the loopback")?;
        let address = listener.local_addr().or_fail("find the loopback port")?;
        let state = Arc::new(State::default());
        *lock(&state.event) = Some(event.to_owned());
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(std::result::Result::ok) {
                let state = Arc::clone(&served);
                // A connection that breaks is the client's to notice.
                std::thread::spawn(move || serve(stream, &state).ok());
            }
        });
        Ok(Self { address, state })
    }

    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The answer to the invocation, once there is one.
    pub(super) fn answer(&self) -> Option<String> {
        lock(&self.state.answer).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader, &mut writer)? {
        let Some(answer) = answer(request, state) else {
            // The next invocation never comes.
            loop {
                std::thread::park();
            }
        };
        write(&mut writer, &answer)?;
    }
    Ok(())
}

/// The answer to a request; none for the poll for a second invocation.
fn answer(request: Request, state: &State) -> Option<Answer> {
    let Some(place) = request.path.strip_prefix(RUNTIME) else {
        return Some(answers::answer(&request));
    };
    if place == "next" {
        return Some(Answer {
            status: 200,
            headers: &[
                ("content-type", "application/json"),
                (
                    "lambda-runtime-aws-request-id",
                    "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                ),
                ("lambda-runtime-deadline-ms", "4102444800000"),
                (
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:us-east-1:000000000000:function:audit-bench",
                ),
                (
                    "lambda-runtime-trace-id",
                    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                ),
            ],
            body: lock(&state.event).take()?,
        });
    }
    let said = String::from_utf8_lossy(&request.body).into_owned();
    *lock(&state.answer) = Some(said);
    Some(Answer {
        status: 202,
        headers: &[],
        body: r#"{"status":"OK"}"#.to_owned(),
    })
}

/// Reads a request; none where the client has closed.
fn read(reader: &mut impl BufRead, writer: &mut impl Write) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        ..Request::default()
    };
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "x-amz-target" => value.clone_into(&mut request.target),
            "expect" => writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?,
            _ => {}
        }
    }
    request.body = if chunked {
        read_chunks(reader)?
    } else {
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        body
    };
    Ok(Some(request))
}

/// A body in chunks (RFC 9112, section 7.1), without trailers.
fn read_chunks(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        reader.read_line(&mut line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn write(writer: &mut impl Write, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} -\r\ncontent-length: {}\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    writer.write_all(format!("{head}\r\n{}", answer.body).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invocation_is_handed_out_once_and_its_answer_kept() {
        let services = Services::start("{\"a\":1}").expect("a server");
        let agent = ureq::Agent::new_with_defaults();
        let url = format!("http://{}{RUNTIME}", services.address());
        let mut event = agent.get(format!("{url}next")).call().expect("an event");
        assert_eq!(
            event.body_mut().read_to_string().expect("a text"),
            "{\"a\":1}"
        );
        assert_eq!(services.answer(), None);
        agent
            .post(format!("{url}1/response"))
            .send("{}")
            .expect("taken");
        assert_eq!(services.answer().as_deref(), Some("{}"));
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let text = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-Amz-Target: A.B\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let request = read(&mut &text[..], &mut Vec::new())
            .expect("read")
            .expect("a request");
        assert_eq!(
            (request.target.as_str(), request.body.as_slice()),
            ("A.B", &b"abcde"[..])
        );
    }
}
