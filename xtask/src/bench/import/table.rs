use std::fmt;

use crate::bench::table::Spread;

/// What was measured, once in each round, with what it should be.
#[derive(Debug)]
pub(super) struct Row {
    name: String,
    figures: Vec<f64>,
    unit: &'static str,
    target: Target,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    pub(super) fn new(name: String, figure: f64, unit: &'static str, target: Target) -> Self {
        Self { name, figures: vec![figure], unit, target }
    }

    /// The same rows with the figures of a further round, which measures the same things in the same order.
    pub(super) fn and(rows: Vec<Self>, round: Vec<Self>) -> Vec<Self> {
        if rows.is_empty() {
            return round;
        }
        let with = |(mut row, further): (Self, Self)| {
            row.figures.extend(further.figures);
            row
        };
        rows.into_iter().zip(round).map(with).collect()
    }

    fn verdict(&self, figure: f64) -> String {
        let (text, is_met) = match self.target {
            Target::None => return String::new(),
            Target::AtLeast(least) => (format!("≥ {least}"), figure >= least),
            Target::AtMost(most) => (format!("≤ {most}"), figure <= most),
        };
        format!("{text} {}", if is_met { "✓" } else { "missed" })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(spread) = Spread::new(self.figures.clone()) else { return Ok(()) };
        let digits = match spread.median {
            figure if figure < 10.0 => 3,
            figure if figure < 1000.0 => 1,
            _ => 0,
        };
        let verdict = self.verdict(spread.median);
        write!(f, "| {} | {spread:.digits$} | {} | {verdict} |", self.name, self.unit)
    }
}

/// The table in Markdown, so that it can be pasted into a document.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let head = ["", "| what | figure | unit | target |", "| --- | --- | --- | --- |"].map(str::to_owned);
    head.into_iter().chain(rows.iter().map(Row::to_string)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_whether_it_is_met() {
        let row = |figure, target| Row::new("x".to_owned(), figure, "s", target).to_string();
        assert_eq!(row(0.9501, Target::AtLeast(0.95)), "| x | 0.950 | s | ≥ 0.95 ✓ |");
        assert_eq!(row(0.94, Target::AtLeast(0.95)), "| x | 0.940 | s | ≥ 0.95 missed |");
        assert_eq!(row(65.0, Target::AtMost(64.0)), "| x | 65.0 | s | ≤ 64 missed |");
        assert_eq!(row(12_345.6, Target::None), "| x | 12346 | s |  |");
    }

    #[test]
    fn rounds_are_told_by_their_median() {
        let row = |figure, unit| Row::new("x".to_owned(), figure, unit, Target::AtMost(2.0));
        let round = |figure: f64| vec![row(figure, "s"), row(10.0 * figure, "ms")];
        let rows = [3.0, 1.0, 2.0].map(round).into_iter().fold(Vec::new(), Row::and);
        let told = ["| x | 2.000 (1.000–3.000) | s | ≤ 2 ✓ |", "| x | 20.0 (10.0–30.0) | ms | ≤ 2 missed |"];
        assert_eq!(lines(&rows)[3..], told);
    }
}
