use super::*;

fn parsed(arguments: &[&str]) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(["pingone-sim"].iter().chain(arguments))
}

#[test]
fn the_documented_options_are_read() {
    let arguments = "--listen 127.0.0.1:9000 --rate-limit 50 --rate-burst 5 --latency 100..300 --faults 0.05 \
                     --seed 7 --fault-kinds hang,401 --fail create=lost*2 --tls --tls-name api.example.test \
                     --attribute badge:json,unique --access read-only --hang 5 --slow 6 --compact \
                     --assume page-limit=1000 --assume search-lag=250 --assume cursor=offset \
                     --assume short-page-every=none --assume invalid-filter-code=INVALID_REQUEST";
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let arguments = parsed(&arguments).unwrap();
    assert_eq!(arguments.rules, ["create=lost*2".parse().unwrap()]);
    let options = arguments.options().unwrap();
    assert_eq!(options.listen.port(), 9000);
    assert_eq!((options.rate_limit, options.assumptions.rate_burst), (Some(50.0), Some(5.0)));
    assert_eq!(options.latency, Duration::from_millis(100)..=Duration::from_millis(300));
    assert_eq!((options.hang, options.slow), (Duration::from_millis(5), Duration::from_millis(6)));
    assert_eq!((options.faults, options.seed), (0.05, 7));
    assert_eq!(options.fault_kinds, [FaultKind::Hang, FaultKind::ExpiredToken]);
    assert_eq!(
        (options.tls, options.tls_names.as_slice()),
        (true, ["api.example.test".to_owned()].as_slice())
    );
    assert!(options.custom_attributes[0].unique && options.access == Access::ReadOnly && !options.pretty);
    let expected = Assumptions {
        rate_burst: Some(5.0),
        page_limit: 1000,
        search_lag: Duration::from_millis(250),
        cursor: pingone_sim::CursorKind::Offset,
        short_page_every: None,
        invalid_filter_code: "INVALID_REQUEST".into(),
        ..Assumptions::default()
    };
    assert_eq!(options.assumptions, expected);
}

#[test]
fn without_options_it_is_as_the_library_is() {
    let options = parsed(&[]).unwrap().options().unwrap();
    assert_eq!(format!("{options:?}"), format!("{:?}", Options::default()));
}

#[test]
fn nonsense_is_refused() {
    for bad in [
        ["--rate-limit", "0"],
        ["--latency", "300..100"],
        ["--latency", "fast"],
        ["--faults", "2"],
        ["--fault-kinds", "fire"],
        ["--tls-certificate", "x"],
        ["--tls-name", "x"],
        ["--attribute", "badge:round"],
        ["--access", "some"],
    ] {
        assert!(parsed(&bad).is_err(), "{bad:?}");
    }
    for bad in ["x", "x=1", "page-limit=many", "cursor=round"] {
        assert!(parsed(&["--assume", bad]).unwrap().options().is_err(), "{bad}");
    }
}

/// The names are in the help and in the README, with the defaults that the library has.
#[test]
fn every_assumption_is_documented() {
    let readme = include_str!("../../README.md");
    let defaults = serde_json::to_value(Assumptions::default()).unwrap();
    for (name, value) in defaults.as_object().unwrap() {
        let value = match value {
            serde_json::Value::Null => "none".into(),
            serde_json::Value::String(_) if name == "throttle-message" => "…".into(),
            serde_json::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let shown = format!("{name}={value}");
        assert!(AFTER_HELP.split_whitespace().any(|word| word == shown), "{shown}");
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
