//! What the doctor found, for people.

use std::fmt::Write as _;

use super::advice::{Advice, Setting};
use super::check::CheckState;
use super::examine::Examination;
use super::report::TierReport;

/// Settings of more products than this, of which none was recognised, are left to the guide.
const UNRECOGNISED: usize = 3;

/// Between a step and what came of it.
const ANSWERED: &str = ": answered ";

impl Examination {
    /// A table for people, and for each trouble what it means, who is behind it and what to change.
    pub fn table(&self) -> String {
        let mut text = format!("{}  {}", self.url, self.status.as_str());
        match (&self.version, self.server) {
            (Some(version), server) => drop(write!(text, "  ({server} {version})")),
            (None, "unknown") => {}
            (None, server) => drop(write!(text, "  ({server})")),
        }
        text.push_str("\n\n");
        for (name, tier) in self.tiers.named() {
            line(&mut text, name, word(tier), tier.ms, self.short(&tier.detail));
        }
        text.push('\n');
        for check in &self.checks {
            let state = match check.state {
                CheckState::Ok => "ok",
                CheckState::Warning => "warning",
                CheckState::Failed => "failed",
                CheckState::Skipped => "-",
            };
            line(&mut text, check.name, state, check.ms, self.short(&check.detail));
        }
        self.write_way(&mut text);
        for advice in &self.advice {
            self.write_advice(&mut text, advice);
        }
        text
    }

    /// What was seen, without what is said of the trouble below: what it means, and the server's words.
    fn short<'a>(&self, detail: &'a str) -> &'a str {
        let told = self.advice.iter().find_map(|advice| detail.strip_prefix(advice.meaning));
        let Some(seen) = told.map(str::trim_start).filter(|seen| !seen.is_empty()) else { return detail };
        let words = seen.find(ANSWERED).and_then(|at| seen[at..].find(" (").map(|words| at + words));
        &seen[..words.unwrap_or(seen.len())]
    }

    /// What was seen of a trouble: each answer once, behind the tiers and steps that got it.
    fn seen(&self, advice: &Advice) -> Vec<String> {
        let mut all: Vec<(String, &str)> = Vec::new();
        for cause in self.causes.iter().filter(|cause| cause.code == advice.code) {
            let seen = seen(&cause.message, advice.meaning);
            let of_tier = seen.strip_prefix(cause.tier.as_str()).and_then(|seen| seen.strip_prefix(": "));
            let (place, detail) = match of_tier.map(|seen| (seen, seen.find(ANSWERED))) {
                Some((seen, Some(at))) => (format!("{} ({})", cause.tier, &seen[..at]), &seen[at..]),
                Some((detail, None)) => (cause.tier.clone(), detail),
                None => (String::new(), seen),
            };
            match all.iter_mut().find(|(places, known)| *known == detail && !places.is_empty()) {
                Some((places, _)) => places.push_str(&format!(", {place}")),
                None => all.push((place, detail)),
            }
        }
        let line = |(places, detail): (String, &str)| match (places.as_str(), detail.starts_with(ANSWERED)) {
            ("", _) => detail.to_owned(),
            (places, true) => format!("{places}{detail}"),
            (places, false) => format!("{places}: {detail}"),
        };
        all.into_iter().map(line).collect()
    }

    fn write_way(&self, text: &mut String) {
        let way = &self.way;
        let products: Vec<&str> = way.products.iter().map(|product| product.name()).collect();
        if !products.is_empty() {
            let _ = writeln!(text, "\n  On the way: {}", products.join(", "));
        }
        for (name, values) in &way.headers {
            let _ = writeln!(text, "    {name}: {}", values.join(" | "));
        }
        for altered in &way.altered {
            let _ = writeln!(text, "    {altered}");
        }
    }

    fn write_advice(&self, text: &mut String, advice: &Advice) {
        let _ = writeln!(text, "\n{}: {}", advice.code, advice.meaning);
        for seen in self.seen(advice) {
            let _ = writeln!(text, "  Seen: {seen}");
        }
        let _ = writeln!(text, "  Likely: {}", advice.culprit);
        let recognised = |setting: &&Setting| self.way.products.contains(&setting.product);
        let of_the_way: Vec<&Setting> = advice.settings.iter().filter(recognised).collect();
        let shown = match of_the_way.is_empty() {
            true => advice.settings.iter().take(UNRECOGNISED).collect(),
            false => of_the_way,
        };
        for setting in shown {
            let indented = setting.change.replace('\n', "\n      ");
            let _ = writeln!(text, "  Change in {}:\n      {indented}", setting.product.name());
        }
        let _ = writeln!(text, "  See {}", advice.doc);
    }
}

/// What was seen, out of a message that begins with what it means and has the rest in parentheses.
fn seen<'a>(message: &'a str, meaning: &str) -> &'a str {
    let seen = message.strip_prefix(meaning).unwrap_or(message).trim();
    seen.strip_prefix('(').and_then(|seen| seen.strip_suffix(')')).unwrap_or(seen)
}

fn line(text: &mut String, name: &str, state: &str, ms: Option<u64>, detail: &str) {
    let ms = ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
    let _ = writeln!(text, "  {name:<17} {state:<8} {ms:>8}  {detail}");
}

fn word(tier: &TierReport) -> &'static str {
    match (tier.supported, tier.ok, tier.ms) {
        (false, ..) => "-",
        (true, true, _) => "ok",
        (true, false, None) => "-",
        (true, false, Some(_)) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn what_was_seen_keeps_its_own_parentheses() {
        let message = "No way. (connection: refused (os error 111))";
        assert_eq!(seen(message, "No way."), "connection: refused (os error 111)");
        assert_eq!(seen("Through x: No way. (a)", "No way."), "Through x: No way. (a)");
    }
}
