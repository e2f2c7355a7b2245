//! Where the sockets are, if not where they were looked for, and which version they speak.

use hyper::{Method, StatusCode};

use super::super::cause::Cause;
use super::super::client::{Http, Target};
use super::super::failure::Failure;
use super::super::probe::exchange::opened;
use super::Seen;

/// Looks for Socket.IO at the path that was given, and at those where proxies and mounted applications tend to put it.
pub(in crate::doctor) async fn place(target: &Target) -> Result<Seen, Failure> {
    let wanted = ask(target, &target.socket_io("polling")).await;
    match wanted {
        Ok(()) => Ok(Seen::fine(format!(
            "Engine.IO 4 answers at {}{}",
            target.base().path(),
            target.socket_io_path()
        ))),
        Err(failure) if failure.cause == Cause::WrongPath => elsewhere(target, failure).await,
        Err(failure) if failure.cause == Cause::VersionMismatch => older(target, failure).await,
        Err(failure) if failure.cause == Cause::NotAuthorised => {
            Ok(Seen::skip("it cannot be told without a login"))
        }
        // The tiers tell of everything else, by its own name.
        Err(failure) => Ok(Seen::skip(format!("it cannot be told: {}", failure.detail))),
    }
}

async fn elsewhere(target: &Target, failure: Failure) -> Result<Seen, Failure> {
    let own = target.base().path().to_owned();
    for path in candidates(&own, target.socket_io_path()) {
        let mut other = target.clone();
        other.mount("/");
        if ask(&other, &format!("{}?EIO=4&transport=polling", path.trim_start_matches('/'))).await.is_ok() {
            let detail = format!("{}; but a Socket.IO server answers at {path}", failure.detail);
            return Err(Failure::new(Cause::WrongPath, detail));
        }
    }
    Err(failure)
}

/// Other places, without the one that was asked for.
fn candidates(base: &str, socket_io: &str) -> Vec<String> {
    let mut all = vec!["/socket.io/".to_owned(), "/api/socket.io/".to_owned(), "/ws/socket.io/".to_owned()];
    // A proxy that does not take the prefix away, and one that takes it away twice.
    all.push(format!("{base}{}", base.trim_start_matches('/')) + socket_io);
    if let Some((parent, _)) = base.trim_end_matches('/').rsplit_once('/') {
        all.push(format!("{parent}/{socket_io}"));
    }
    all.retain(|path| *path != format!("{base}{socket_io}"));
    all.dedup();
    all
}

async fn older(target: &Target, failure: Failure) -> Result<Seen, Failure> {
    let path = target.socket_io("polling").replace("EIO=4", "EIO=3");
    let mut http = Http::connect(target).await?;
    let answer = http.exchange(Method::GET, &path, "").await?;
    if answer.status == StatusCode::OK {
        let detail = format!("{}; it speaks Engine.IO 3, which is Socket.IO 2", failure.detail);
        return Err(Failure::new(Cause::VersionMismatch, detail));
    }
    Err(failure)
}

async fn ask(target: &Target, path: &str) -> Result<(), Failure> {
    let answer = Http::connect(target).await?.exchange(Method::GET, path, "").await?.ok("open a session")?;
    opened(&answer).map(drop)
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn other_places_are_not_the_one_that_was_asked_for() {
        let root = candidates("/", "socket.io/");
        assert!(!root.contains(&"/socket.io/".to_owned()) && root.contains(&"/api/socket.io/".to_owned()));
        let mounted = candidates("/tool/", "socket.io/");
        assert!(mounted.contains(&"/socket.io/".to_owned()));
        assert!(mounted.contains(&"/tool/tool/socket.io/".to_owned()));
    }
}
