//! Medians beside each other.

use std::{collections::BTreeMap, fmt};

use super::{
    peer::Peer,
    run::Run,
    scenario::{SCENARIOS, Scenario, Target},
};

/// The table in Markdown, so that it can be pasted into a document, and below it what failed.
pub(crate) fn lines(runs: &[Run]) -> Vec<String> {
    let mut lines = vec![String::new()];
    let names = Peer::ALL.map(Peer::name);
    lines.push(format!(
        "| scenario | unit | {} | ours ÷ floor | ours ÷ best peer | target |",
        names.join(" | ")
    ));
    lines.push(format!("| --- | --- |{} --- | --- | --- |", " --- |".repeat(names.len())));
    let rows = SCENARIOS.iter().map(|scenario| Row::of(runs, scenario));
    lines.extend(rows.filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).map(|row| row.to_string()));
    lines.push(String::new());
    lines.push("Median of the runs (smallest–largest); processor time is the server's own.".to_owned());
    lines.push("A ratio is that of figures from the same round.".to_owned());
    lines.extend(runs.iter().filter(|run| run.error.is_some()).map(ToString::to_string));
    lines
}

/// One scenario.
struct Row<'a> {
    scenario: &'a Scenario,
    cells: [String; 6],
    over_floor: Option<Spread>,
    over_best: Option<Spread>,
    target: String,
}

impl<'a> Row<'a> {
    fn of(runs: &[Run], scenario: &'a Scenario) -> Self {
        let figures = Peer::ALL.map(|peer| Figures::of(runs, scenario, peer.name()));
        let [ours, floor, _, peers @ ..] = &figures;
        let median = |figures: &Figures| figures.spread().map(|spread| spread.median);
        let with_median = peers.iter().filter_map(|peer| Some((peer, median(peer)?)));
        let best = with_median.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(peer, _)| peer);
        let over_floor = ours.over(floor);
        let figure = match scenario.target {
            Target::None => None,
            Target::AtMost(_) => median(ours),
            Target::OverFloor(_) => over_floor.as_ref().map(|ratio| ratio.median),
            Target::OverPlain(plain, _) => {
                let plain = SCENARIOS.iter().find(|scenario| scenario.name == plain);
                let plain = plain.map(|plain| Figures::of(runs, plain, Peer::Ours.name()));
                plain.and_then(|plain| ours.over(&plain)).map(|ratio| ratio.median)
            }
        };
        Self {
            scenario,
            cells: figures.each_ref().map(Figures::cell),
            target: target(scenario.target, figure),
            over_floor,
            over_best: best.and_then(|best| ours.over(best)),
        }
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, cells, over_floor, over_best, target } = self;
        let ratio = |ratio: &Option<Spread>| ratio.as_ref().map(Spread::to_string).unwrap_or_default();
        let (over_floor, over_best) = (ratio(over_floor), ratio(over_best));
        let (name, unit, cells) = (scenario.name, scenario.unit, cells.join(" | "));
        write!(f, "| {name} | {unit} | {cells} | {over_floor} | {over_best} | {target} |")
    }
}

/// What one server gave in one scenario.
struct Figures {
    /// By round.
    by_round: BTreeMap<usize, f64>,
    has_failed: bool,
}

impl Figures {
    fn of(runs: &[Run], scenario: &Scenario, peer: &str) -> Self {
        let these = || runs.iter().filter(|run| run.scenario == scenario.name && run.peer == peer);
        let by_round = these().filter_map(|run| Some((run.round, run.figure?))).collect();
        Self { by_round, has_failed: these().any(|run| run.error.is_some()) }
    }

    fn spread(&self) -> Option<Spread> {
        Spread::new(self.by_round.values().copied().collect())
    }

    /// The ratio to another server, round by round, because a machine changes its speed between them.
    fn over(&self, other: &Self) -> Option<Spread> {
        let pairs = self.by_round.iter().filter_map(|(round, ours)| Some((ours, other.by_round.get(round)?)));
        Spread::new(pairs.filter(|(_, theirs)| **theirs > 0.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    fn cell(&self) -> String {
        match (self.spread(), self.has_failed) {
            (Some(spread), false) => spread.to_string(),
            (Some(spread), true) => format!("{spread}, failed at times"),
            (None, true) => "failed".to_owned(),
            (None, false) => String::new(),
        }
    }
}

/// Whether `figure`, which is a ratio where the target is one, meets the target.
fn target(target: Target, figure: Option<f64>) -> String {
    let (limit, text) = match target {
        Target::None => return String::new(),
        Target::AtMost(limit) => (limit, format!("≤ {limit}")),
        Target::OverFloor(factor) => (factor, format!("≤ {factor} × floor")),
        Target::OverPlain(plain, factor) => (factor, format!("≤ {factor} × {plain}")),
    };
    match figure {
        Some(figure) if figure <= limit => format!("{text} ✓"),
        Some(figure) => format!("{text} missed by {:.0} %", (figure / limit - 1.0) * 100.0),
        None => text,
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
    pub(super) fn new(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let (least, most) = (*figures.first()?, *figures.last()?);
        let (upper, lower) = (figures.get(figures.len() / 2)?, figures.get((figures.len() - 1) / 2)?);
        Some(Self { least, median: f64::midpoint(*lower, *upper), most })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        assert_eq!(Spread::new(vec![4.0, 1.0, 2.0, 9.0]).unwrap().to_string(), "3.00 (1.00–9.00)");
        assert_eq!(Spread::new(vec![12.34]).unwrap().to_string(), "12.3");
        assert_eq!(Spread::new(Vec::new()), None);
    }

    #[test]
    fn a_target_says_whether_it_is_met() {
        assert_eq!(target(Target::AtMost(4.0), Some(3.0)), "≤ 4 ✓");
        assert_eq!(target(Target::OverFloor(1.5), Some(1.65)), "≤ 1.5 × floor missed by 10 %");
        assert_eq!(target(Target::OverFloor(1.5), None), "≤ 1.5 × floor");
        assert_eq!(target(Target::None, Some(1.0)), "");
    }

    #[test]
    fn a_ratio_is_that_of_a_round_and_a_failure_is_told() {
        let scenario =
            SCENARIOS.iter().find(|scenario| matches!(scenario.target, Target::OverFloor(_))).unwrap();
        let run = |peer: Peer, round, figure: Option<f64>| Run {
            scenario: scenario.name.to_owned(),
            peer: peer.name().to_owned(),
            round,
            figure,
            figures: serde_json::Value::Null,
            error: figure.is_none().then(|| "half was lost".to_owned()),
        };
        // The machine is half as fast in the second round, and the floor was not measured in the third.
        let ours = [(0, 2.0), (1, 4.0), (2, 9.0)].map(|(round, figure)| run(Peer::Ours, round, Some(figure)));
        let floor = [(0, 2.0), (1, 4.0)].map(|(round, figure)| run(Peer::Floor, round, Some(figure)));
        let runs: Vec<_> = ours.into_iter().chain(floor).chain([run(Peer::Node, 0, None)]).collect();
        let row = Row::of(&runs, scenario);
        assert_eq!(row.over_floor.as_ref().unwrap().to_string(), "1.00");
        assert!(row.target.ends_with('✓'), "{row}");
        assert_eq!(row.cells[0], "4.00 (2.00–9.00)");
        assert!(row.to_string().contains("| failed |"), "{row}");
        assert!(lines(&runs).last().unwrap().ends_with("FAILED: half was lost"));
    }
}
