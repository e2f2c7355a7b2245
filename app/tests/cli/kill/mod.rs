//! Every kind of job is killed at seeded points and resumed, and must end as a model says.
//!
//! A point is a number of requests that PingOne has seen; the seed says which. Where a file is written, one point
//! more is when it begins to be. Of every other point the resumed run is killed as well.
//! `PINGONE_IMPORT_KILLS` sets how many points each kind has; without it there are few.

mod checks;
mod faults;
mod input;
mod model;
mod populations;
mod scenarios;
mod world;

use scenarios::{Delivery, Scenario};
use tokio::process::Child;
use world::World;

use crate::program::end;

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When PingOne has seen so many requests since it was started.
    Requests(u64),
    /// After so many, when the data directory begins to have the job's file.
    Output(u64),
    /// After so many, when the file begins to be there that was asked for.
    Out(u64),
}

/// How many points each kind has.
fn points() -> u64 {
    std::env::var("PINGONE_IMPORT_KILLS").ok().map_or(DEFAULT_POINTS, |points| points.parse().unwrap())
}

/// How many requests the whole of a kind takes.
async fn requests(scenario: Scenario) -> u64 {
    let world = World::new(scenario, 0).await;
    let before = world.simulator.stats().requests;
    let done = end(world.start()).await;
    world.check_code(&done);
    world.check().await;
    world.simulator.stats().requests - before
}

/// The number of requests at which a run is killed: spread evenly, and each somewhere else in its share.
fn at(all: u64, point: u64, points: u64) -> u64 {
    let share = all.div_ceil(points).max(1);
    (point * share + faults::drawn(1, point) % share).min(all - 1)
}

async fn killed_everywhere(scenario: fn() -> Scenario) {
    let (all, points) = (requests(scenario()).await, points());
    for point in 0..points {
        let world = World::new(scenario(), point + 1).await;
        kill(&world, world.start(), Moment::Requests(at(all, point, points))).await;
        if point % 2 == 1 {
            kill(&world, world.resume(), Moment::Requests(at(all / 2 + 1, points - 1 - point, points))).await;
        }
        world.finish().await;
        world.check().await;
    }
    for moment in scenario().moments(all) {
        for point in points..points + points.div_ceil(4) {
            let world = World::new(scenario(), point + 1).await;
            kill(&world, world.start(), moment).await;
            world.finish().await;
            world.check().await;
        }
    }
}

impl Scenario {
    /// Moments at which a file is written, of a run with so many requests.
    fn moments(&self, requests: u64) -> Vec<Moment> {
        let (output, out) = (Moment::Output(requests - 1), Moment::Out(requests - 1));
        match self.delivers {
            None => vec![],
            Some(Delivery::Users(..)) => vec![output, out],
            Some(Delivery::Backup(_) | Delivery::Passwords) => vec![out],
        }
    }
}

/// As [`killed_everywhere`], while PingOne throttles, fails and loses answers.
async fn killed_under_faults(scenario: fn() -> Scenario) {
    let (all, points) = (requests(scenario()).await, points().div_ceil(2));
    for point in 0..points {
        let mut world = World::new(scenario(), point + 1).await;
        world.misbehave(point + 1);
        kill(&world, world.start(), Moment::Requests(at(all, point, points))).await;
        world.finish().await;
        world.check().await;
    }
}

/// Kills the program at this moment; it may be over already.
async fn kill(world: &World, mut child: Child, moment: Moment) {
    let before = world.simulator.stats().requests;
    let (Moment::Requests(at) | Moment::Output(at) | Moment::Out(at)) = moment;
    let reached = async {
        world.simulator.wait_until(|stats| stats.requests > before + at).await;
        while !world.has_come(moment) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = reached => {}
        _ = child.wait() => {}
    }
    // On Unix this is SIGKILL: the process can do nothing about it.
    let _ = child.kill().await;
}

macro_rules! killed {
    ($(fn $name:ident() => $how:ident($scenario:ident);)*) => {$(
        #[tokio::test]
        async fn $name() {
            $how(scenarios::$scenario).await;
        }
    )*};
}

killed! {
    fn a_create_that_is_killed_ends_as_the_model_says() => killed_everywhere(create);
    fn a_create_by_ids_from_json_that_is_killed_ends_as_the_model_says() => killed_everywhere(create_by_id);
    fn no_population_is_created_twice_by_a_create_that_is_killed() => killed_everywhere(create_populations);
    fn everybody_has_a_password_after_a_create_that_is_killed() => killed_everywhere(give_passwords);
    fn generated_passwords_are_delivered_by_a_create_that_is_killed() => killed_everywhere(generate_passwords);
    fn a_create_that_skips_and_is_killed_ends_as_the_model_says() => killed_everywhere(skip);
    fn a_create_from_a_workbook_that_is_killed_ends_as_the_model_says() => killed_everywhere(skip_from_workbook);
    fn an_upsert_that_is_killed_ends_as_the_model_says() => killed_everywhere(upsert);
    fn an_upsert_from_ndjson_that_is_killed_ends_as_the_model_says() => killed_everywhere(upsert_from_ndjson);
    fn an_upsert_of_passwords_that_is_killed_ends_as_the_model_says() => killed_everywhere(set_passwords);
    fn a_modify_that_is_killed_ends_as_the_model_says() => killed_everywhere(modify);
    fn a_modify_that_clears_and_creates_and_is_killed_ends_as_the_model_says() => killed_everywhere(modify_or_create);
    fn a_delete_by_file_that_is_killed_ends_as_the_model_says() => killed_everywhere(delete_file);
    fn who_is_protected_stays_when_a_delete_by_file_is_killed() => killed_everywhere(delete_file_but);
    fn a_delete_of_a_population_that_is_killed_ends_as_the_model_says() => killed_everywhere(delete_population);
    fn a_delete_with_its_population_that_is_killed_ends_as_the_model_says() => killed_everywhere(delete_with_population);
    fn a_delete_by_filter_that_is_killed_has_a_whole_backup() => killed_everywhere(delete_filter);
    fn a_delete_of_everybody_that_is_killed_ends_as_the_model_says() => killed_everywhere(delete_everybody);
    fn who_is_protected_stays_and_a_backup_is_whole_when_a_delete_of_everybody_is_killed() => killed_everywhere(delete_everybody_but);
    fn an_export_that_is_killed_ends_as_the_model_says() => killed_everywhere(export);
    fn an_export_of_a_population_as_ndjson_that_is_killed_ends_as_the_model_says() => killed_everywhere(export_population);
    fn an_export_of_a_filter_as_a_workbook_that_is_killed_ends_as_the_model_says() => killed_everywhere(export_filter);
    fn a_retry_that_is_killed_ends_as_the_model_says() => killed_everywhere(retry);

    fn a_create_that_is_killed_under_faults() => killed_under_faults(create);
    fn no_population_is_created_twice_under_faults() => killed_under_faults(create_populations);
    fn generated_passwords_are_delivered_under_faults() => killed_under_faults(generate_passwords);
    fn a_create_that_skips_and_is_killed_under_faults() => killed_under_faults(skip);
    fn an_upsert_that_is_killed_under_faults() => killed_under_faults(upsert);
    fn an_upsert_of_passwords_that_is_killed_under_faults() => killed_under_faults(set_passwords);
    fn a_modify_that_is_killed_under_faults() => killed_under_faults(modify_or_create);
    fn a_delete_by_file_that_is_killed_under_faults() => killed_under_faults(delete_file_but);
    fn a_delete_with_its_population_that_is_killed_under_faults() => killed_under_faults(delete_with_population);
    fn a_delete_of_everybody_that_is_killed_under_faults() => killed_under_faults(delete_everybody_but);
    fn an_export_that_is_killed_under_faults() => killed_under_faults(export_population);
    fn a_retry_that_is_killed_under_faults() => killed_under_faults(retry);
}

const DEFAULT_POINTS: u64 = 3;
