#![expect(clippy::print_stdout, reason = "the first lines of stdout tell where the simulator is")]

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use clap::ValueEnum;
use pingone_sim::Simulator;

/// How to tell where the simulator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Shell,
}

/// Prints where the simulator is and how to get in.
pub(crate) fn announce(simulator: &Simulator, format: Option<Format>, certificate: Option<&Path>) {
    let default = || if std::io::stdout().is_terminal() { Format::Shell } else { Format::Json };
    match format.unwrap_or_else(default) {
        Format::Json => println!("{}", json(simulator)),
        Format::Shell => print!("{}", shell(simulator, certificate)),
    }
    // Without a reader there is nobody to tell; the server is useful all the same.
    let _ = std::io::stdout().flush();
}

/// One line.
fn json(simulator: &Simulator) -> serde_json::Value {
    let mut line = serde_json::json!({
        "api": simulator.api_url,
        "auth": simulator.auth_url,
        "environment": simulator.environment,
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
    });
    if let Some(certificate) = &simulator.certificate {
        line["certificate"] = certificate.as_str().into();
    }
    line
}

/// Lines that a shell takes as they are. No value has a quote in it but the path, perhaps.
fn shell(simulator: &Simulator, certificate: Option<&Path>) -> String {
    let mut lines = vec![
        "# A local PingOne, until Ctrl+C. In the terminal of the program that is to use it:".to_owned(),
        format!("export PINGONE_API_URL='{}'", simulator.api_url),
        format!("export PINGONE_AUTH_URL='{}'", simulator.auth_url),
        format!("export PINGONE_ENVIRONMENT_ID='{}'", simulator.environment),
        format!("export PINGONE_CLIENT_ID='{}'", simulator.client_id),
        format!("export PINGONE_CLIENT_SECRET='{}'", simulator.client_secret),
    ];
    match certificate {
        Some(path) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            lines.push(format!(
                "export PINGONE_CA_FILE='{}'",
                path.display().to_string().replace('\'', r"'\''")
            ));
        }
        None if simulator.certificate.is_some() => {
            lines.push("# Name a file with --tls-certificate to get the certificate to trust.".to_owned());
        }
        None => {}
    }
    lines.join("\n") + "\n"
}
