use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::*;

/// Sends `requests` at once through a lane; each takes 200 ms, and all are accepted.
fn job(limiter: &Arc<Limiter>, requests: usize) -> JoinSet<()> {
    let lane = limiter.lane();
    let mut tasks = JoinSet::new();
    for _ in 0..requests {
        let limiter = Arc::clone(limiter);
        tasks.spawn(async move {
            let permit = limiter.acquire(lane).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            permit.finish(Outcome::Accepted);
        });
    }
    tasks
}

async fn seconds(mut job: JoinSet<()>) -> f64 {
    let start = tokio::time::Instant::now();
    while let Some(ended) = job.join_next().await {
        ended.unwrap();
    }
    start.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn the_ceiling_holds_and_is_used() {
    let limiter = Arc::new(Limiter::new(100.0, 128));
    let took = seconds(job(&limiter, 1000)).await;
    assert!((9.9..10.6).contains(&took), "{took}");
    assert_eq!(limiter.state().2, 0);
}

#[tokio::test(start_paused = true)]
async fn a_small_job_does_not_wait_for_a_large_one() {
    let limiter = Arc::new(Limiter::new(100.0, 128));
    let large = job(&limiter, 2000);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let small = seconds(job(&limiter, 50)).await;
    // Fifty of its own and as many of the other job go in a second.
    assert!((0.9..1.5).contains(&small), "{small}");
    let rest = seconds(large).await;
    assert!((18.0..19.5).contains(&rest), "{rest}");
}

#[tokio::test(start_paused = true)]
async fn who_is_urgent_waits_for_nobody_and_counts() {
    let limiter = Arc::new(Limiter::new(100.0, 128));
    let large = job(&limiter, 2000);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = tokio::time::Instant::now();
    for _ in 0..10 {
        limiter.acquire(Lane::URGENT).await.finish(Outcome::Accepted);
    }
    let took = start.elapsed().as_secs_f64();
    assert!((0.05..0.2).contains(&took), "ten go at the rate of all, and nobody between them: {took}");
    seconds(large).await;
}

#[tokio::test(start_paused = true)]
async fn two_jobs_share_the_places_too() {
    let limiter = Arc::new(Limiter::new(f64::INFINITY, 16));
    let (first, second) = (job(&limiter, 800), job(&limiter, 400));
    // Sixteen places give eighty a second: the second job needs ten seconds for its half.
    let (first, second) = tokio::join!(seconds(first), seconds(second));
    assert!((9.9..10.5).contains(&second), "{second}");
    assert!((14.9..15.5).contains(&first), "{first}");
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_costs_nobody_a_turn() {
    let limiter = Arc::new(Limiter::new(10.0, 128));
    let mut given_up = job(&limiter, 500);
    tokio::time::sleep(Duration::from_millis(50)).await;
    given_up.abort_all();
    while given_up.join_next().await.is_some() {}
    let took = seconds(job(&limiter, 20)).await;
    assert!((1.9..2.6).contains(&took), "{took}");
    assert_eq!(limiter.state().2, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_threads_get_every_permit_back() {
    let limiter = Arc::new(Limiter::new(f64::INFINITY, 4));
    let lane = limiter.lane();
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..1000 {
        let (limiter, done) = (Arc::clone(&limiter), Arc::clone(&done));
        tasks.spawn(async move {
            let permit = limiter.acquire(lane).await;
            assert!(limiter.state().2 <= 4);
            tokio::task::yield_now().await;
            permit.finish(Outcome::Accepted);
            done.fetch_add(1, Ordering::Relaxed);
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    assert_eq!((done.load(Ordering::Relaxed), limiter.state().2), (1000, 0));
}
