//! One file for each program.

mod apache;
mod haproxy;
mod nginx;
mod node;
mod program;
mod promtool;
mod server;
mod squid;
mod tls;

use std::time::Duration;

use pingone_import::doctor::{Examination, Target, examine};

/// Nothing here takes that long, except where a probe must run into it.
const DEADLINE: Duration = Duration::from_secs(10);

/// Longer than the timeouts that the proxies are given.
const IDLE: Duration = Duration::from_secs(4);

async fn look(target: &Target) -> Examination {
    examine(target, DEADLINE, None).await
}

async fn look_long(target: &Target) -> Examination {
    examine(target, DEADLINE, Some(IDLE)).await
}

/// Fails with everything that the doctor said unless it named this cause, and gives the change it advises for `product`.
fn assert_names(found: &Examination, code: &str, product: &str) -> &'static str {
    assert!(
        found.causes.iter().any(|cause| cause.code == code),
        "{code} is not named in:\n{}",
        found.table()
    );
    let advice = found.advice.iter().find(|advice| advice.code == code).unwrap();
    assert!(found.table().contains(&advice.doc), "{}", found.table());
    let setting = advice.settings.iter().find(|setting| setting.product.name() == product);
    setting.unwrap_or_else(|| panic!("no advice for {product} on {code}")).change
}

fn assert_healthy(found: &Examination) {
    assert_eq!((found.exit_code(), found.causes.len()), (0, 0), "{}", found.table());
}
