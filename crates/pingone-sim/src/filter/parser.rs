use super::lexer::{Token, tokens};

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    Comparison(Comparison),
    Member(Membership),
    And(Vec<Self>),
    Or(Vec<Self>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) path: String,
    pub(crate) operator: Operator,
    pub(crate) value: Literal,
}

/// A group that the user must be in, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) group: Option<String>,
    pub(crate) kind: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Bool(bool),
}

/// What is wrong with a filter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InvalidFilter {
    Syntax,
    UnsupportedOperator(String),
    UnsupportedAttribute(String),
}

/// Reads a filter. `and` binds tighter than `or`; operators may be written in any letter case.
pub(crate) fn parse(filter: &str, is_attribute: impl Fn(&str) -> bool) -> Result<Expression, InvalidFilter> {
    let tokens = tokens(filter).ok_or(InvalidFilter::Syntax)?;
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), is_attribute, depth: 0 };
    let expression = parser.or()?;
    if parser.tokens.next().is_some() { Err(InvalidFilter::Syntax) } else { Ok(expression) }
}

struct Parser<F> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    is_attribute: F,
    depth: usize,
}

impl<F: Fn(&str) -> bool> Parser<F> {
    fn or(&mut self) -> Result<Expression, InvalidFilter> {
        let mut terms = vec![self.and()?];
        while self.eat("or") {
            terms.push(self.and()?);
        }
        Ok(joined(terms, Expression::Or))
    }

    fn and(&mut self) -> Result<Expression, InvalidFilter> {
        let mut terms = vec![self.term()?];
        while self.eat("and") {
            terms.push(self.term()?);
        }
        Ok(joined(terms, Expression::And))
    }

    fn term(&mut self) -> Result<Expression, InvalidFilter> {
        match self.tokens.next() {
            Some(Token::Open) if self.depth < MAX_DEPTH => {
                self.depth += 1;
                let inner = self.or()?;
                self.depth -= 1;
                if self.tokens.next() == Some(Token::Close) { Ok(inner) } else { Err(InvalidFilter::Syntax) }
            }
            Some(Token::Word(path)) if path == "memberOfGroups" => self.membership(),
            Some(Token::Word(path)) => self.comparison(path),
            _ => Err(InvalidFilter::Syntax),
        }
    }

    fn comparison(&mut self, path: String) -> Result<Expression, InvalidFilter> {
        let Some(Token::Word(operator)) = self.tokens.next() else { return Err(InvalidFilter::Syntax) };
        let operator = match operator.to_ascii_lowercase().as_str() {
            "eq" => Operator::Equals,
            "sw" => Operator::StartsWith,
            "ew" => Operator::EndsWith,
            "co" => Operator::Contains,
            _ => return Err(InvalidFilter::UnsupportedOperator(operator)),
        };
        let value = match self.tokens.next() {
            Some(Token::Text(text)) => Literal::Text(text),
            Some(Token::Word(word)) if word == "true" => Literal::Bool(true),
            Some(Token::Word(word)) if word == "false" => Literal::Bool(false),
            _ => return Err(InvalidFilter::Syntax),
        };
        if !(self.is_attribute)(&path) {
            return Err(InvalidFilter::UnsupportedAttribute(path));
        }
        Ok(Expression::Comparison(Comparison { path, operator, value }))
    }

    /// `memberOfGroups[id eq "…"]`, perhaps with `and type eq "…"`.
    fn membership(&mut self) -> Result<Expression, InvalidFilter> {
        let mut membership = Membership { group: None, kind: None };
        if self.tokens.next() != Some(Token::OpenBracket) {
            return Err(InvalidFilter::Syntax);
        }
        loop {
            let part = (self.tokens.next(), self.tokens.next(), self.tokens.next());
            let (Some(Token::Word(name)), Some(Token::Word(operator)), Some(Token::Text(value))) = part
            else {
                return Err(InvalidFilter::Syntax);
            };
            match name.as_str() {
                _ if !operator.eq_ignore_ascii_case("eq") => {
                    return Err(InvalidFilter::UnsupportedOperator(operator));
                }
                "id" => membership.group = Some(value),
                "type" => membership.kind = Some(value),
                _ => return Err(InvalidFilter::UnsupportedAttribute(format!("memberOfGroups.{name}"))),
            }
            if self.tokens.next_if_eq(&Token::CloseBracket).is_some() {
                return Ok(Expression::Member(membership));
            }
            if !self.eat("and") {
                return Err(InvalidFilter::Syntax);
            }
        }
    }

    fn eat(&mut self, keyword: &str) -> bool {
        let is_it = |token: &Token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.tokens.next_if(is_it).is_some()
    }
}

fn joined(mut terms: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        Some(last) => {
            terms.push(last);
            join(terms)
        }
        None => join(terms),
    }
}

/// Deepest nesting of parentheses, so that no filter can exhaust the stack.
const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn eq(path: &str, value: &str) -> Expression {
        let value = Literal::Text(value.into());
        Expression::Comparison(Comparison { path: path.into(), operator: Operator::Equals, value })
    }

    fn parsed(filter: &str) -> Result<Expression, InvalidFilter> {
        parse(filter, |path| path != "identityProvider.id")
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let expected = Expression::Or(vec![eq("a", "1"), Expression::And(vec![eq("b", "2"), eq("c", "3")])]);
        assert_eq!(parsed(r#"a eq "1" OR b EQ "2" and c eq "3""#), Ok(expected));
        let expected = Expression::And(vec![Expression::Or(vec![eq("a", "1"), eq("b", "2")]), eq("c", "3")]);
        assert_eq!(parsed(r#"(a eq "1" or b eq "2") and c eq "3""#), Ok(expected));
    }

    #[test]
    fn a_membership_has_a_filter_of_its_own() {
        let member = |kind: Option<&str>| {
            Expression::Member(Membership { group: Some("g".into()), kind: kind.map(Into::into) })
        };
        assert_eq!(parsed(r#"memberOfGroups[id eq "g"]"#), Ok(member(None)));
        assert_eq!(parsed(r#"memberOfGroups[id EQ "g" AND type eq "DIRECT"]"#), Ok(member(Some("DIRECT"))));
        let expected = Expression::And(vec![member(None), eq("a", "1")]);
        assert_eq!(parsed(r#"memberOfGroups[id eq "g"] and a eq "1""#), Ok(expected));
        for bad in
            ["memberOfGroups", "memberOfGroups[]", r#"memberOfGroups[id eq "g""#, r#"memberOfGroups eq "g""#]
        {
            assert_eq!(parsed(bad), Err(InvalidFilter::Syntax), "{bad}");
        }
    }

    #[test]
    fn what_is_not_supported_is_named() {
        let table = [
            ("", InvalidFilter::Syntax),
            ("username", InvalidFilter::Syntax),
            (r#"username eq"#, InvalidFilter::Syntax),
            (r#"username eq 5"#, InvalidFilter::Syntax),
            (r#"username eq "a" b"#, InvalidFilter::Syntax),
            (r#"(username eq "a""#, InvalidFilter::Syntax),
            (r#"username ne "a""#, InvalidFilter::UnsupportedOperator("ne".into())),
            (
                r#"identityProvider.id eq "a""#,
                InvalidFilter::UnsupportedAttribute("identityProvider.id".into()),
            ),
        ];
        for (filter, error) in table {
            assert_eq!(parsed(filter), Err(error), "{filter}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let filter = format!("{}a eq \"1\"{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(parsed(&filter), Err(InvalidFilter::Syntax));
    }
}
