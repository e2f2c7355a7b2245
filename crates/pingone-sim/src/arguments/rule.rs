use std::str::FromStr;

use pingone_sim::{FaultKind, RequestInfo, Simulator};

/// What the next requests of an operation meet: `create=lost*3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    operation: Operation,
    kind: FaultKind,
    times: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Any,
    Token,
    List,
    Read,
    Create,
    Update,
    Delete,
    Write,
}

impl Rule {
    /// Gives the order to a simulator.
    pub(crate) fn apply(&self, simulator: &Simulator) {
        let operation = self.operation;
        simulator.fail_next(self.times, self.kind.into(), move |request| operation.is(request));
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (operation, fault) =
            text.split_once('=').ok_or("must be OPERATION=KIND, such as create=lost or any=5xx*3")?;
        let (kind, times) = fault.split_once('*').unwrap_or((fault, "1"));
        let times = times.parse().ok().filter(|times| *times > 0).ok_or("must end in *N with N above 0")?;
        Ok(Self { operation: operation.parse()?, kind: kind.parse()?, times })
    }
}

impl Operation {
    fn is(self, request: &RequestInfo<'_>) -> bool {
        // `/v1/environments/{id}/users/{id}` and what belongs to it.
        let is_user = request.path.split('/').nth(4) == Some("users") && request.path.split('/').count() > 5;
        match self {
            Self::Any => true,
            Self::Token => request.is_token(),
            Self::List => request.is_user_list(),
            Self::Read => is_user && request.method == "GET",
            Self::Create => request.is_create(),
            Self::Update => is_user && matches!(request.method, "PUT" | "PATCH" | "POST"),
            Self::Delete => is_user && request.method == "DELETE",
            Self::Write => request.method != "GET" && !request.is_token(),
        }
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, operation)| operation);
        found.ok_or_else(|| format!("must begin with one of {}", NAMES.map(|(name, _)| name).join(", ")))
    }
}

const NAMES: [(&str, Operation); 8] = [
    ("any", Operation::Any),
    ("token", Operation::Token),
    ("list", Operation::List),
    ("read", Operation::Read),
    ("create", Operation::Create),
    ("update", Operation::Update),
    ("delete", Operation::Delete),
    ("write", Operation::Write),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_says_what_fails_how_and_how_often() {
        let rule: Rule = "create=5xx-after*3".parse().unwrap();
        let expected = Rule { operation: Operation::Create, kind: FaultKind::ServerErrorAfter, times: 3 };
        assert_eq!(rule, expected);
        assert_eq!("any=429".parse::<Rule>().unwrap().times, 1);
        for bad in ["create", "create=", "=lost", "create=lost*0", "create=lost*x", "eat=lost", "create=fire"]
        {
            assert!(bad.parse::<Rule>().is_err(), "{bad}");
        }
    }
}
