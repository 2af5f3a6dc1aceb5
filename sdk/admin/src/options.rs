//! The command line.

use audit_record::{LedgerName, Millis, is_name};
use audit_storage::config::{ApiKeyId, ApiScope, RateLimit, RetentionClass, ScopeSetting};
use clap::{Args, Parser, Subcommand};

// The usage of commands that need arguments is written out: what the environment sets counts as
// given, and would stand in it.
/// Works on the tenants, ledgers and keys of an AI Audit Layer.
///
/// Tables, buckets and the wrapping key are named by the environment, with the names that the
/// functions use; on the local stack `set -a; . .local/env` sets all of them. Every command can be
/// repeated: what exists already is left as it is.
///
/// Results go to standard output; progress, notes and failures to standard error. Exit codes: 0 done;
/// 1 `verify-ledger` or `rebuild-index` found something wrong with the ledger; 2 the command line is
/// wrong; 3 the command could not do its work.
#[derive(Debug, Parser)]
#[command(name = "audit-admin", version, max_term_width = 100)]
pub(crate) struct Options {
    /// Print one line of JSON instead of text, failures too.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Which log lines go to standard error (a tracing filter).
    #[arg(long, global = true, env = "AUDIT_LOG", default_value = "warn")]
    pub(crate) log: String,
    #[command(flatten)]
    pub(crate) connection: ConnectionOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where everything stands. Each has an environment name and may be given as an option.
#[derive(Debug, Args)]
#[command(next_help_heading = "Environment")]
pub(crate) struct ConnectionOptions {
    /// The index table.
    #[arg(long, global = true, env = "AUDIT_TABLE")]
    pub(crate) audit_table: Option<String>,
    /// The table of ledgers and keys.
    #[arg(long, global = true, env = "AUDIT_KEYS_TABLE")]
    pub(crate) keys_table: Option<String>,
    /// The bucket of each retention class, a JSON object.
    #[arg(
        long,
        global = true,
        env = "AUDIT_RECORDS_BUCKETS",
        value_name = "JSON"
    )]
    pub(crate) records_buckets: Option<String>,
    /// The KMS key that wraps ledger keys.
    #[arg(long, global = true, env = "AUDIT_KMS_KEY_ID", value_name = "ARN")]
    pub(crate) kms_key_id: Option<String>,
    /// The domain that origins of ledgers begin with.
    #[arg(long, global = true, env = "AUDIT_DOMAIN")]
    pub(crate) domain: Option<String>,
    /// The region.
    #[arg(long, global = true, env = "AWS_REGION")]
    pub(crate) region: Option<String>,
    /// An emulator's address.
    #[arg(long, global = true, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// The access key's id.
    #[arg(long, global = true, env = "AWS_ACCESS_KEY_ID", hide = true)]
    pub(crate) access_key_id: Option<String>,
    /// The access key.
    #[arg(
        long,
        global = true,
        env = "AWS_SECRET_ACCESS_KEY",
        hide_env_values = true,
        hide = true
    )]
    pub(crate) secret_access_key: Option<String>,
    /// The token of temporary credentials.
    #[arg(
        long,
        global = true,
        env = "AWS_SESSION_TOKEN",
        hide_env_values = true,
        hide = true
    )]
    pub(crate) session_token: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tenants: who has ledgers.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Ledgers: append-only logs, typically one for each AI system and environment.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// API keys: by which clients write and read.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Read every segment of a ledger and check everything that can be checked: chain, hashes,
    /// tree, seals, index rows, HEAD and metrics. Exits 1 if it finds something.
    #[command(override_usage = "audit-admin verify-ledger [OPTIONS] <TENANT/LEDGER>")]
    VerifyLedger(VerifyArguments),
    /// Write a ledger's index anew, from its segments and keys, into an empty table.
    #[command(
        override_usage = "audit-admin rebuild-index [OPTIONS] --table <TABLE> <TENANT/LEDGER>"
    )]
    RebuildIndex(RebuildArguments),
    /// Roll forward every ledger whose HEAD trails its segments, as the writer does each minute.
    Sweep,
}

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant; one that exists is left as it is.
    #[command(override_usage = "audit-admin tenant create [OPTIONS] <NAME>")]
    Create {
        /// Its name: 1 to 63 of a-z, 0-9 and -.
        #[arg(value_parser = tenant_name)]
        name: String,
    },
    /// List all tenants.
    List,
    /// Show how many records a tenant may send, or set it. A change takes effect within a minute.
    #[command(override_usage = "audit-admin tenant limit [OPTIONS] <NAME>")]
    Limit(LimitTenant),
}

/// A tenant's rate limit.
#[derive(Debug, Args)]
pub(crate) struct LimitTenant {
    /// The tenant.
    #[arg(value_parser = tenant_name)]
    pub(crate) name: String,
    /// Records a second, for as long as it likes.
    #[arg(long, requires = "burst", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) records_per_second: Option<u32>,
    /// Records at once, after a pause; half of it is kept for keys that send little.
    #[arg(
        long,
        requires = "records_per_second",
        value_name = "RECORDS",
        value_parser = clap::value_parser!(u32).range(i64::from(RateLimit::BURST_MIN)..)
    )]
    pub(crate) burst: Option<u32>,
    /// Give it back what the installation gives everybody.
    #[arg(long, conflicts_with_all = ["records_per_second", "burst"])]
    pub(crate) default: bool,
    /// What the installation gives everybody, a second.
    #[arg(
        long,
        env = "AUDIT_RATE_RECORDS_PER_SECOND",
        hide = true,
        default_value_t = RateLimit::DEFAULT.records_per_second()
    )]
    pub(crate) default_records_per_second: u32,
    /// What the installation gives everybody, at once.
    #[arg(
        long,
        env = "AUDIT_RATE_BURST_RECORDS",
        hide = true,
        default_value_t = RateLimit::DEFAULT.burst_records()
    )]
    pub(crate) default_burst: u32,
}

/// What to do with ledgers.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Make a ledger, or complete one that a crash left half made.
    #[command(override_usage = "audit-admin ledger create [OPTIONS] <TENANT/LEDGER>")]
    Create(CreateLedger),
    /// List the ledgers of a tenant, or all.
    List {
        /// Only this tenant's.
        #[arg(value_parser = tenant_name)]
        tenant: Option<String>,
    },
}

/// A ledger to be made.
#[derive(Debug, Args)]
pub(crate) struct CreateLedger {
    /// Its name, `tenant/ledger`.
    #[arg(value_name = "TENANT/LEDGER", value_parser = ledger_name)]
    pub(crate) ledger: LedgerName,
    /// The retention class, which decides the bucket. Fixed for ever.
    #[arg(long, default_value = "7y", value_parser = retention_class)]
    pub(crate) class: RetentionClass,
    /// Partitions of a day's rows: 1 for each 500 records a second. Fixed for ever.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) buckets: u16,
    /// Which key seals content without a subject: one for each `day`, `conversation` or `record`.
    #[arg(long, default_value = "day", value_parser = scope_setting)]
    pub(crate) scope: ScopeSetting,
    /// The lane of its messages: a position in `AUDIT_LANES`.
    #[arg(long, default_value_t = 0)]
    pub(crate) lane: u16,
    /// Days that a record stays in the index; without it as long as the record lives.
    #[arg(long)]
    pub(crate) index_days: Option<u32>,
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print it, alone, on standard output. It is shown this once.
    #[command(
        override_usage = "audit-admin key create [OPTIONS] --name <NAME> --scope <SCOPE>... \
                          <TENANT[/LEDGER]>"
    )]
    Create(CreateKey),
    /// List a tenant's keys, without their secrets.
    #[command(override_usage = "audit-admin key list [OPTIONS] <TENANT>")]
    List {
        /// The tenant.
        #[arg(value_parser = tenant_name)]
        tenant: String,
    },
    /// Revoke a key: it stops working within 60 seconds.
    #[command(override_usage = "audit-admin key revoke [OPTIONS] <ID>")]
    Revoke {
        /// The key's id: the 16 characters between `aal_` and the next `_`.
        #[arg(value_parser = key_id)]
        id: ApiKeyId,
    },
}

/// A key to be made.
#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// Its home: `tenant/ledger`, or a tenant alone for a key that only reads.
    #[arg(value_name = "TENANT[/LEDGER]", value_parser = home)]
    pub(crate) home: Home,
    /// What people call it: 1 to 100 characters.
    #[arg(long, value_parser = key_name)]
    pub(crate) name: String,
    /// What it may do, repeatable: `records:write` and `records:read` in its home ledger,
    /// `tenant:read` in all ledgers of its tenant.
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = api_scope)]
    pub(crate) scopes: Vec<ApiScope>,
    /// From when on it no longer works (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) expires: Option<Millis>,
}

/// A ledger to be verified.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Its name, `tenant/ledger`.
    #[arg(value_name = "TENANT/LEDGER", value_parser = ledger_name)]
    pub(crate) ledger: LedgerName,
}

/// An index to be rebuilt.
#[derive(Debug, Args)]
pub(crate) struct RebuildArguments {
    /// The ledger, `tenant/ledger`.
    #[arg(value_name = "TENANT/LEDGER", value_parser = ledger_name)]
    pub(crate) ledger: LedgerName,
    /// The table to write to; it must hold nothing of the ledger.
    #[arg(long)]
    pub(crate) table: String,
    /// Go on with a rebuild that was interrupted.
    #[arg(long)]
    pub(crate) resume: bool,
}

/// Where a key belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// The tenant.
    pub(crate) tenant: String,
    /// Its home ledger; none for a key that reads all of the tenant's.
    pub(crate) ledger: Option<LedgerName>,
}

fn home(text: &str) -> Result<Home, String> {
    if text.contains('/') {
        let ledger = ledger_name(text)?;
        return Ok(Home {
            tenant: ledger.tenant().to_owned(),
            ledger: Some(ledger),
        });
    }
    Ok(Home {
        tenant: tenant_name(text)?,
        ledger: None,
    })
}

fn tenant_name(text: &str) -> Result<String, String> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 63 of a-z, 0-9 and -, and does not begin with -".to_owned())
    }
}

fn key_name(text: &str) -> Result<String, String> {
    let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err("1 to 100 characters, none of them a control character".to_owned())
    }
}

fn ledger_name(text: &str) -> Result<LedgerName, String> {
    LedgerName::parse(text)
        .map_err(|error| format!("{error}, and there are two of them: tenant/ledger"))
}

fn retention_class(text: &str) -> Result<RetentionClass, String> {
    text.parse()
        .map_err(|_| "a retention class is 1 to 32 of a-z, 0-9 and -".to_owned())
}

fn scope_setting(text: &str) -> Result<ScopeSetting, String> {
    text.parse()
        .map_err(|_| "one of day, conversation, record".to_owned())
}

fn api_scope(text: &str) -> Result<ApiScope, String> {
    text.parse()
        .map_err(|_| "one of records:write, records:read, tenant:read".to_owned())
}

fn key_id(text: &str) -> Result<ApiKeyId, String> {
    text.parse()
        .map_err(|_| "a key id is 16 of a-z and 2-7".to_owned())
}

fn time(text: &str) -> Result<Millis, String> {
    Millis::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn names_are_checked_before_anything_is_sent() {
        for (arguments, good) in [
            (&["ledger", "create", "demo/credit"][..], true),
            (&["ledger", "create", "demo"], false),
            (
                &["ledger", "create", "demo/credit", "--scope", "week"],
                false,
            ),
            (&["key", "create", "demo/credit", "--name", "x"], false),
            (
                &[
                    "key",
                    "create",
                    "demo/credit",
                    "--name",
                    "x",
                    "--scope",
                    "records:write",
                ],
                true,
            ),
            (&["tenant", "create", "demo"], true),
            (&["tenant", "create", "Demo"], false),
            (&["tenant", "limit", "demo"], true),
            (&["tenant", "limit", "demo", "--default"], true),
            (
                &["tenant", "limit", "demo", "--records-per-second", "5"],
                false,
            ),
            (
                &[
                    "tenant",
                    "limit",
                    "demo",
                    "--records-per-second",
                    "5",
                    "--burst",
                    "1999",
                ],
                false,
            ),
            (&["ledger", "list", "de mo"], false),
            (
                &["ledger", "create", "demo/credit", "--buckets", "0"],
                false,
            ),
            (&["key", "list", "demo/credit"], false),
            (&["key", "revoke", "short"], false),
            (&["key", "revoke", "7q4weq2dg3b6e7fb"], true),
            (&["verify-ledger"], false),
            (&["verify-ledger", "demo/credit", "--json"], true),
            (&["rebuild-index", "demo/credit"], false),
        ] {
            let line = std::iter::once("audit-admin").chain(arguments.iter().copied());
            assert_eq!(Options::try_parse_from(line).is_ok(), good, "{arguments:?}");
        }
    }

    #[test]
    fn a_key_has_a_home_and_a_name() {
        assert_eq!(home("demo").expect("a tenant").ledger, None);
        let credit = home("demo/credit").expect("a ledger");
        assert_eq!(
            (credit.tenant.as_str(), credit.ledger.is_some()),
            ("demo", true)
        );
        assert!(home("demo/").is_err() && home("").is_err());
        assert!(key_name("credit ingest").is_ok());
        assert!(key_name("").is_err() && key_name("a\nb").is_err());
        assert!(key_name(&"x".repeat(101)).is_err());
    }
}
