//! Who can do what, tried on the running stack with each role's own credentials.
//!
//! Each row of the tables below is an action and what becomes of it when ingest, writer, query and
//! operator try it. So that no refusal passes that has another reason, the administrator then does
//! the same to things like these that nothing protects, where it works.
//!
//! What only AWS enforces is not here, because the emulator does not know its conditions: a PUT
//! without `If-None-Match`, parts of an upload, the rows of either table, the contexts of the
//! wrapping key. The policies that demand them are tested in `infra`.

mod keys;
mod queues;
mod scene;
mod segments;
mod tables;

use std::fmt::{self, Debug};
use std::future::Future;

use aws_sdk_s3::error::ProvideErrorMetadata;

use crate::place::{Clients, Role, wait};

pub(crate) use scene::Scene;

/// What becomes of an action.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// It is done.
    Done,
    /// The caller may not do it.
    Refused,
    /// Whoever may do it: the object is locked.
    Locked,
    /// The object exists: 412.
    Exists,
    /// The wrapped key is another ledger's.
    OtherContext,
    /// It fails in another way, by this code.
    Other(String),
}

/// As it stands in the tables; what stands in none is its code.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "yes",
            Self::Refused => "no",
            Self::Locked => "locked",
            Self::Exists => "412",
            Self::OtherContext => "context",
            Self::Other(code) => code,
        })
    }
}

/// Waits for what becomes of a request.
pub(crate) fn of<T, E: ProvideErrorMetadata + Debug>(
    request: impl Future<Output = Result<T, E>>,
) -> Answer {
    let Err(error) = wait(request) else {
        return Answer::Done;
    };
    let said = error.message().unwrap_or_default().to_lowercase();
    match error.code() {
        Some("AccessDenied") if said.contains("object lock") => Answer::Locked,
        Some("AccessDenied" | "AccessDeniedException") => Answer::Refused,
        Some("PreconditionFailed") => Answer::Exists,
        Some("InvalidCiphertextException") => Answer::OtherContext,
        Some(code) => Answer::Other(code.to_owned()),
        None => Answer::Other(format!("{error:?}")),
    }
}

/// An action: what it is; what becomes of it for ingest, writer, query and operator; what becomes
/// of it for the administrator on things that nothing protects; and how it is done.
pub(crate) type Row = (
    &'static str,
    [&'static str; 4],
    &'static str,
    fn(&Clients, &Scene) -> Answer,
);

/// Tries all rows, and returns them as a table.
pub(crate) fn tried(rows: &[Row]) -> String {
    let scene = Scene::of_the_stack();
    let scratch = Scene::unprotected();
    let callers = Role::ALL.map(|role| (Clients::of(role), scene.for_caller(role.name())));
    let mut wrong = Vec::new();
    let mut table = format!("{:45} ingest writer query operator\n", "");
    for (action, expected, control, attempt) in rows {
        let mut compare = |who: &str, expected: &str, seen: Answer| {
            if seen.to_string() != expected {
                wrong.push(format!(
                    "{who}: {action}: {seen} where {expected} is expected"
                ));
            }
        };
        for ((role, expected), (clients, scene)) in Role::ALL.iter().zip(expected).zip(&callers) {
            compare(role.name(), expected, attempt(clients, scene));
        }
        compare(
            "the administrator, unprotected",
            control,
            attempt(Clients::root(), &scratch),
        );
        let [ingest, writer, query, operator] = expected;
        table.push_str(&format!(
            "{action:45} {ingest:6} {writer:6} {query:5} {operator}\n"
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    table
}
