//! Work on threads that nobody can interrupt, such as reading a file: what it is, so that a process that ends can say
//! what it leaves behind.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use tokio::task::JoinHandle;

/// What is under way, and how often.
static RUNNING: Mutex<BTreeMap<&'static str, usize>> = Mutex::new(BTreeMap::new());

/// Does `work` on a thread where it may block; `what` says in words what it is, such as "reading the file of a job".
pub(crate) fn spawn<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || {
        let _running = Running::new(what);
        span.in_scope(work)
    })
}

/// What is under way now, in words; empty when nothing is.
pub fn running() -> Vec<String> {
    let running = RUNNING.lock();
    running
        .iter()
        .map(|(what, count)| if *count == 1 { (*what).to_owned() } else { format!("{what} ({count})") })
        .collect()
}

struct Running(&'static str);

impl Running {
    fn new(what: &'static str) -> Self {
        *RUNNING.lock().entry(what).or_default() += 1;
        Self(what)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock();
        if let Some(count) = running.get_mut(self.0) {
            *count -= 1;
        }
        running.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_under_way_is_told_until_it_ends() {
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let (started, begun) = tokio::sync::oneshot::channel();
        let task = spawn("waiting in a test", move || {
            started.send(()).unwrap();
            let _ = wait.recv();
        });
        begun.await.unwrap();
        assert!(running().contains(&"waiting in a test".to_owned()));
        drop(release);
        task.await.unwrap();
        assert!(!running().contains(&"waiting in a test".to_owned()));
    }
}
