use std::time::{Duration, Instant};

use engineio_proto::session::{
    CarrierId,
    adaptive::ladder::{Action, Failure, Hint, Ladder, LadderConfig, Tier, Tiers},
};
use serde_json::{Value, json};

/// What a ladder is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Failed(u32, Failure),
    Hint(Hint),
    Offered(Tiers),
    Opened(u32),
    Proved(u32),
    Rto(u64),
    Stale(u32),
    Start,
    Timeout,
}

/// A ladder that writes down what it is told and what it says.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) ladder: Ladder,
    start: Instant,
    name: String,
    config: LadderConfig,
    steps: Vec<Value>,
}

impl Trace {
    /// The ladder, and what it does first.
    pub(crate) fn new(name: &str, config: LadderConfig) -> (Self, Vec<Action>) {
        let start = Instant::now();
        let ladder = Ladder::new(start, config.clone());
        let mut trace = Self { ladder, start, name: name.to_owned(), config, steps: Vec::new() };
        let actions = trace.note(0, Input::Start);
        (trace, actions)
    }

    pub(crate) fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    pub(crate) fn ms(&self, at: Instant) -> u64 {
        u64::try_from((at - self.start).as_millis()).unwrap()
    }

    pub(crate) fn input(&mut self, ms: u64, input: Input) -> Vec<Action> {
        let now = self.at(ms);
        match input {
            Input::Failed(id, failure) => self.ladder.handle_failed(now, CarrierId(id), failure),
            Input::Hint(hint) => self.ladder.handle_hint(now, hint),
            Input::Offered(tiers) => self.ladder.handle_offered(now, tiers),
            Input::Opened(id) => self.ladder.handle_opened(now, CarrierId(id)),
            Input::Proved(id) => self.ladder.handle_proved(now, CarrierId(id)),
            Input::Rto(ms) => self.ladder.handle_rto(Duration::from_millis(ms)),
            Input::Stale(id) => self.ladder.handle_stale(now, CarrierId(id)),
            Input::Start => unreachable!("the first input is noted by new"),
            Input::Timeout => self.ladder.handle_timeout(now),
        }
        self.note(ms, input)
    }

    fn note(&mut self, ms: u64, input: Input) -> Vec<Action> {
        let actions: Vec<_> = std::iter::from_fn(|| self.ladder.poll_action()).collect();
        self.steps.push(json!({
            "at": ms,
            "input": input_to_json(input),
            "actions": actions.iter().map(action_to_json).collect::<Vec<_>>(),
            "timeout": self.ladder.poll_timeout().map(|at| self.ms(at)),
        }));
        actions
    }

    /// The case for the file of vectors; each step is a line.
    pub(crate) fn to_json(&self) -> String {
        let (config, head) = (&self.config, self.name.as_str());
        let remembered = config.remembered.map(
            |(tier, age)| json!({ "tier": tier.name(), "age": u64::try_from(age.as_millis()).unwrap() }),
        );
        let settings = json!({
            "tiers": config.tiers.iter().map(Tier::name).collect::<Vec<_>>(),
            "raceDelay": u64::try_from(config.race_delay.as_millis()).unwrap(),
            "trialDeadline": u64::try_from(config.trial_deadline.as_millis()).unwrap(),
            "remembered": remembered,
            "seed": config.seed,
        });
        let steps: Vec<_> = self.steps.iter().map(|step| format!("  {step}")).collect();
        format!(
            "{{\"name\": {}, \"config\": {settings}, \"steps\": [\n{}\n]}}",
            json!(head),
            steps.join(",\n")
        )
    }
}

fn input_to_json(input: Input) -> Value {
    match input {
        Input::Failed(id, failure) => json!({ "type": "failed", "carrier": id, "failure": failure.name() }),
        Input::Hint(Hint::Offline) => json!({ "type": "hint", "hint": "offline" }),
        Input::Hint(_) => json!({ "type": "hint", "hint": "changed" }),
        Input::Offered(tiers) => {
            json!({ "type": "offered", "tiers": tiers.iter().map(Tier::name).collect::<Vec<_>>() })
        }
        Input::Opened(id) => json!({ "type": "opened", "carrier": id }),
        Input::Proved(id) => json!({ "type": "proved", "carrier": id }),
        Input::Rto(ms) => json!({ "type": "rto", "rto": ms }),
        Input::Stale(id) => json!({ "type": "stale", "carrier": id }),
        Input::Start => json!({ "type": "start" }),
        Input::Timeout => json!({ "type": "timeout" }),
    }
}

fn action_to_json(action: &Action) -> Value {
    match *action {
        Action::Attach { carrier, epoch, trial } => {
            json!({ "type": "attach", "carrier": carrier.0, "epoch": epoch, "trial": trial })
        }
        Action::Carry { carrier, tier, cause } => {
            json!({ "type": "carry", "carrier": carrier.0, "tier": tier.name(), "cause": cause.name() })
        }
        Action::GiveUp => json!({ "type": "giveUp" }),
        Action::Probe { carrier } => json!({ "type": "probe", "carrier": carrier.0 }),
        Action::Remember { tier } => json!({ "type": "remember", "tier": tier.name() }),
        Action::Start { carrier, tier } => {
            json!({ "type": "start", "carrier": carrier.0, "tier": tier.name() })
        }
        Action::Stop { carrier } => json!({ "type": "stop", "carrier": carrier.0 }),
        _ => unreachable!("all actions are known"),
    }
}

/// An action in a word or two, for tables.
pub(crate) fn describe(action: &Action) -> String {
    match *action {
        Action::Attach { carrier, epoch, trial } => {
            format!("attach {} as {epoch}{}", carrier.0, if trial { " on trial" } else { "" })
        }
        Action::Carry { carrier, cause, .. } => format!("carry {} ({})", carrier.0, cause.name()),
        Action::GiveUp => "give up".to_owned(),
        Action::Probe { carrier } => format!("probe {}", carrier.0),
        Action::Remember { tier } => format!("remember {}", tier.name()),
        Action::Start { carrier, tier } => format!("start {} {}", tier.name(), carrier.0),
        Action::Stop { carrier } => format!("stop {}", carrier.0),
        _ => unreachable!("all actions are known"),
    }
}
