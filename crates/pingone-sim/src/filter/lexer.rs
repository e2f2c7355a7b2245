/// A piece of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// An attribute path, an operator, or a bare value.
    Word(String),
    /// A value in quotes, with its escapes resolved.
    Text(String),
}

/// Splits a filter into tokens; `None` if it holds something that no token begins with.
pub(super) fn tokens(filter: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = filter.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '[' => (Token::OpenBracket, 1),
            ']' => (Token::CloseBracket, 1),
            '"' => {
                let length = quoted_length(rest)?;
                (Token::Text(serde_json::from_str(&rest[..length]).ok()?), length)
            }
            c if is_word(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Token::Word(rest[..length].into()), length)
            }
            _ => return None,
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

/// Length of the JSON string that `text` begins with, quotes included.
fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(index + 1),
            _ => {}
        }
    }
    None
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Token {
        Token::Word(text.into())
    }

    fn text(text: &str) -> Token {
        Token::Text(text.into())
    }

    #[test]
    fn a_filter_becomes_tokens() {
        let table: [(&str, Option<Vec<Token>>); 8] = [
            ("", Some(vec![])),
            (r#"username eq "a""#, Some(vec![word("username"), word("eq"), text("a")])),
            (
                r#" ( name.given sw"x" )"#,
                Some(vec![Token::Open, word("name.given"), word("sw"), text("x"), Token::Close]),
            ),
            (r#""a\"b\\""#, Some(vec![text(r#"a"b\"#)])),
            (r#""ł\u00e9""#, Some(vec![text("łé")])),
            (r#""open"#, None),
            (r#""bad \x escape""#, None),
            ("a = b", None),
        ];
        for (filter, expected) in table {
            assert_eq!(tokens(filter), expected, "{filter}");
        }
    }
}
