#![expect(clippy::print_stdout, reason = "the first line of stdout tells programs where the simulator is")]

use std::io::Write as _;

use pingone_sim::Simulator;

/// Prints where the simulator is and how to get in, as one line of JSON.
pub(crate) fn announce(simulator: &Simulator) {
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
    println!("{line}");
    // Without a reader there is nobody to tell; the server is useful all the same.
    let _ = std::io::stdout().flush();
}
