use std::ops::RangeInclusive;
use std::time::Duration;

use pingone_sim::{Access, CustomAttribute, CustomType, TokenAuthMethod};

pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && f64::is_finite(rate) => Ok(rate),
        _ => Err("must be a number above 0".into()),
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a number from 0 to 1".into()),
    }
}

pub(super) fn latency(text: &str) -> Result<RangeInclusive<Duration>, String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let range = milliseconds(least)?..=milliseconds(most)?;
    if range.is_empty() { Err("must begin with the smaller number".into()) } else { Ok(range) }
}

pub(super) fn milliseconds(text: &str) -> Result<Duration, String> {
    let number = text.trim().parse().map_err(|_| "must be milliseconds, such as 200".to_owned());
    number.map(Duration::from_millis)
}

pub(super) fn auth_method(text: &str) -> Result<TokenAuthMethod, String> {
    match text {
        "basic" => Ok(TokenAuthMethod::ClientSecretBasic),
        "post" => Ok(TokenAuthMethod::ClientSecretPost),
        _ => Err("must be basic or post".into()),
    }
}

pub(super) fn access(text: &str) -> Result<Access, String> {
    match text {
        "full" => Ok(Access::Full),
        "read-only" => Ok(Access::ReadOnly),
        "none" => Ok(Access::None),
        _ => Err("must be full, read-only or none".into()),
    }
}

pub(super) fn attribute(text: &str) -> Result<CustomAttribute, String> {
    let (name, what) = text.split_once(':').unwrap_or((text, ""));
    if name.is_empty() {
        return Err("must begin with a name".into());
    }
    let mut attribute = CustomAttribute::text(name);
    for what in what.split(',').filter(|what| !what.is_empty()) {
        match what {
            "json" => attribute.kind = CustomType::Json,
            "required" => attribute.required = true,
            "unique" => attribute.unique = true,
            "multi-valued" => attribute.multi_valued = true,
            "disabled" => attribute.enabled = false,
            _ => return Err("can be json, required, unique, multi-valued and disabled".into()),
        }
    }
    Ok(attribute)
}
