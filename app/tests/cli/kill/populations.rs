//! Changes of populations, which are no jobs: asked for again after a kill, each has happened once.

use std::process::Stdio;

use pingone_sim::{Options, Simulator};
use tokio::process::Child;

use super::world::client;
use crate::program::{command, connected, end};

/// Names, and which is the default.
type Populations = Vec<(String, bool)>;

#[tokio::test]
async fn a_population_is_created_once() {
    let expected = [("Crew", false), ("Guests", true), ("Leavers", false), ("Staff", false)];
    killed_everywhere(&["create", "Crew", "--description", "on board"], &expected).await;
}

#[tokio::test]
async fn a_population_is_renamed() {
    let expected = [("Crew", false), ("Guests", true), ("Leavers", false)];
    killed_everywhere(&["rename", "Staff", "Crew"], &expected).await;
}

#[tokio::test]
async fn a_population_is_made_the_default() {
    let expected = [("Guests", false), ("Leavers", false), ("Staff", true)];
    killed_everywhere(&["set-default", "Staff"], &expected).await;
}

#[tokio::test]
async fn a_population_is_deleted() {
    let expected = [("Guests", true), ("Staff", false)];
    killed_everywhere(&["delete", "Leavers"], &expected).await;
}

#[tokio::test]
async fn a_list_changes_nothing() {
    let expected = [("Guests", true), ("Leavers", false), ("Staff", false)];
    killed_everywhere(&["list"], &expected).await;
}

/// The command is killed at each of its requests, and given again.
async fn killed_everywhere(arguments: &[&str], expected: &[(&str, bool)]) {
    let expected: Populations = expected.iter().map(|(name, is)| ((*name).to_owned(), *is)).collect();
    let simulator = environment(0).await;
    let done = end(start(&simulator, arguments)).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let requests = simulator.stats().requests;
    assert_eq!(populations(&simulator).await, expected);
    for at in 1..=requests {
        let simulator = environment(at).await;
        let mut child = start(&simulator, arguments);
        tokio::select! {
            _ = simulator.wait_until(|stats| stats.requests >= at) => {}
            _ = child.wait() => {}
        }
        let _ = child.kill().await;
        let again = end(start(&simulator, arguments)).await;
        // What the killed command has done already cannot be done again, which is told.
        assert!(matches!(again.code, Some(0 | 2)), "{again:?}");
        assert_eq!(populations(&simulator).await, expected, "killed at request {at}");
    }
}

async fn environment(seed: u64) -> Simulator {
    let populations = ["Guests", "Staff", "Leavers"].map(str::to_owned).to_vec();
    Simulator::start(Options { seed, populations, ..Options::default() }).await.unwrap()
}

fn start(simulator: &Simulator, arguments: &[&str]) -> Child {
    let mut command = command(&[&["populations"], arguments, &["--json"]].concat(), None);
    connected(&mut command, simulator);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

async fn populations(simulator: &Simulator) -> Populations {
    let populations = client(simulator).populations().await.unwrap();
    let mut populations: Vec<_> = populations.into_iter().map(|it| (it.name, it.default)).collect();
    populations.sort_unstable();
    populations
}
