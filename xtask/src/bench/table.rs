//! Medians beside each other.

use super::{
    peer::Peer,
    run::Run,
    scenario::{SCENARIOS, Scenario, Target},
};

/// The table in Markdown, so that it can be pasted into a document.
pub(crate) fn lines(runs: &[Run]) -> Vec<String> {
    let mut lines = vec![String::new()];
    let names = Peer::ALL.map(Peer::name);
    lines.push(format!(
        "| scenario | unit | {} | ours ÷ floor | ours ÷ best peer | target |",
        names.join(" | ")
    ));
    lines.push(format!("| --- | --- |{} --- | --- | --- |", " --- |".repeat(names.len())));
    for scenario in &SCENARIOS {
        let figures = names.map(|peer| Spread::of(runs, scenario, peer));
        if figures.iter().any(Option::is_some) {
            lines.push(row(scenario, &figures));
        }
    }
    lines.push(String::new());
    lines.push("Median of the runs (smallest–largest); processor time is the server's own.".to_owned());
    lines
}

fn row(scenario: &Scenario, figures: &[Option<Spread>; 6]) -> String {
    let [ours, floor, _, peers @ ..] = figures;
    let ratio = |other: Option<f64>| match (ours, other) {
        (Some(ours), Some(other)) if other > 0.0 => format!("{:.2}", ours.median / other),
        _ => String::new(),
    };
    let best = peers.iter().flatten().map(|peer| peer.median).min_by(f64::total_cmp);
    let floor = floor.as_ref().map(|floor| floor.median);
    let cells = figures.each_ref().map(|figure| figure.as_ref().map(Spread::to_string).unwrap_or_default());
    let target = target(scenario.target, ours.as_ref().map(|ours| ours.median), floor);
    let (over_floor, over_best) = (ratio(floor), ratio(best));
    format!(
        "| {} | {} | {} | {over_floor} | {over_best} | {target} |",
        scenario.name,
        scenario.unit,
        cells.join(" | ")
    )
}

fn target(target: Target, ours: Option<f64>, floor: Option<f64>) -> String {
    let (limit, text) = match (target, floor) {
        (Target::None, _) => return String::new(),
        (Target::AtMost(limit), _) => (Some(limit), format!("≤ {limit}")),
        (Target::OverFloor(factor), floor) => {
            (floor.map(|floor| floor * factor), format!("≤ {factor} × floor"))
        }
    };
    match (ours, limit) {
        (Some(ours), Some(limit)) if ours <= limit => format!("{text} ✓"),
        (Some(ours), Some(limit)) => format!("{text} missed by {:.0} %", (ours / limit - 1.0) * 100.0),
        _ => text,
    }
}

/// Where the figures of several runs lie. Its precision is two digits below 10 and one above, or what is asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Spread {
    least: f64,
    pub(super) median: f64,
    most: f64,
}

impl Spread {
    fn of(runs: &[Run], scenario: &Scenario, peer: &str) -> Option<Self> {
        let these = runs.iter().filter(|run| run.scenario == scenario.name && run.peer == peer);
        Self::new(these.filter_map(|run| run.figure).collect())
    }

    pub(super) fn new(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let median = *figures.get(figures.len() / 2)?;
        Some(Self { least: *figures.first()?, median, most: *figures.last()? })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(if self.median < 10.0 { 2 } else { 1 });
        write!(f, "{:.digits$}", self.median)?;
        if self.least < self.most {
            write!(f, " ({:.digits$}–{:.digits$})", self.least, self.most)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_with_its_spread() {
        assert_eq!(Spread::new(vec![3.0, 1.0, 2.0]).unwrap().to_string(), "2.00 (1.00–3.00)");
        assert_eq!(Spread::new(vec![12.34]).unwrap().to_string(), "12.3");
        assert_eq!(Spread::new(Vec::new()), None);
    }

    #[test]
    fn a_target_says_whether_it_is_met() {
        assert_eq!(target(Target::AtMost(4.0), Some(3.0), None), "≤ 4 ✓");
        assert_eq!(target(Target::OverFloor(1.5), Some(3.3), Some(2.0)), "≤ 1.5 × floor missed by 10 %");
        assert_eq!(target(Target::OverFloor(1.5), Some(3.3), None), "≤ 1.5 × floor");
        assert_eq!(target(Target::None, Some(1.0), Some(1.0)), "");
    }
}
