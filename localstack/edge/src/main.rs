//! Starts the edge: reads the command line, binds, serves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use audit_edge::{Api, SecurityHeaders, router};
use clap::Parser;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// One origin for the site and the API, on loopback.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1, and on `::1` where the machine has it.
    #[arg(long)]
    port: u16,
    /// The folder of the static site.
    #[arg(long)]
    site: PathBuf,
    /// The security headers' file.
    #[arg(long)]
    headers: PathBuf,
    /// Where the HTTP API is reached, as host:port.
    #[arg(long)]
    api: String,
    /// The name that the HTTP API answers to.
    #[arg(long)]
    api_host: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info"))
        .with_ansi(false)
        .init();
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let headers = SecurityHeaders::read(&arguments.headers)?;
    let api = Api::new(&arguments.api, &arguments.api_host)?;
    let app = router(&arguments.site, api, &headers);
    let v4 = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], arguments.port))).await?;
    // Browsers may try `localhost` as ::1 first; a machine without IPv6 does without.
    let v6 = TcpListener::bind(SocketAddr::from((
        std::net::Ipv6Addr::LOCALHOST,
        arguments.port,
    )))
    .await;
    tracing::info!("serving on http://localhost:{}", arguments.port);
    if let Ok(v6) = v6 {
        tokio::try_join!(axum::serve(v4, app.clone()), axum::serve(v6, app))?;
    } else {
        axum::serve(v4, app).await?;
    }
    Ok(())
}
