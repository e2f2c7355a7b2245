//! The names of everything that is counted, with what they mean.
//!
//! Names follow Prometheus: base units, `_total` for counters, labels with few values that are known here.
//! <https://prometheus.io/docs/practices/naming/>

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};

/// Open real-time connections, by `tier`: websocket, polling, direct, sse, and those of the adaptive transport.
///
/// These are `adaptive_websocket`, `adaptive_long_poll`, `adaptive_periodic`, and `adaptive_detached` between two.
pub const CONNECTIONS: &str = "pingone_import_connections";
/// Changes of what carries an adaptive session, by the tiers `from` and `to`, and `cause`: lost, promoted, demoted.
pub const SWITCHES: &str = "pingone_import_transport_switches_total";
/// Opening requests of sockets that were refused, by `code`, the HTTP status.
pub const HANDSHAKE_FAILURES: &str = "pingone_import_handshake_failures_total";
/// Requests that Engine.IO refused, by `reason`, a word for the code that the client was told.
pub const REFUSALS: &str = "pingone_import_engineio_refusals_total";
/// What clients of Socket.IO did wrong, or their networks, by `reason`.
///
/// Of Engine.IO: `too_large`, `protocol_error`, `ping_timeout`, `slow_body`, `lost`, `overlapping_poll`,
/// `overlapping_post`, `held_back`; of Socket.IO: `bad_packet`, `refused_socket`, `unrecovered`.
pub const SOCKET_FAULTS: &str = "pingone_import_engineio_faults_total";
/// Bytes that wait for Socket.IO clients.
pub const QUEUED_BYTES: &str = "pingone_import_queued_bytes";
/// Socket.IO clients that were disconnected because they did not take what was sent.
pub const SLOW_CONSUMERS: &str = "pingone_import_slow_consumers_total";
/// Events of clients that no handler got.
pub const REJECTED_EVENTS: &str = "pingone_import_rejected_events_total";
/// Jobs that have not ended, by `status`.
pub const UNFINISHED_JOBS: &str = "pingone_import_unfinished_jobs";
/// Jobs that ended since the start, by `kind` and `outcome`: completed, failed, cancelled.
pub const JOBS: &str = "pingone_import_jobs_total";
/// Rows that got an outcome since the start, by `outcome`.
pub const ROWS: &str = "pingone_import_rows_total";
/// Requests to PingOne since the start.
pub const PINGONE_REQUESTS: &str = "pingone_import_pingone_requests_total";
/// Of those, repetitions of an earlier one.
pub const PINGONE_RETRIES: &str = "pingone_import_pingone_retries_total";
/// Requests to PingOne that failed, by `reason`: throttled, a server's error, timeout, disconnected.
pub const PINGONE_FAILURES: &str = "pingone_import_pingone_failures_total";
/// Answers of PingOne with status 429 since the start.
pub const PINGONE_THROTTLED: &str = "pingone_import_pingone_throttled_total";
/// Requests to PingOne that are allowed per second at the moment; infinite while nothing limits them.
pub const PINGONE_RATE: &str = "pingone_import_pingone_rate_per_second";
/// Requests to PingOne that wait for an answer.
pub const PINGONE_IN_FLIGHT: &str = "pingone_import_pingone_requests_in_flight";
/// Time from sending a request to PingOne to the end of its answer.
pub const PINGONE_DURATION: &str = "pingone_import_pingone_request_duration_seconds";
/// Time that the store takes, by `operation`: commit, read.
pub const STORE_DURATION: &str = "pingone_import_store_duration_seconds";
/// Whether a tier worked when it was last probed, by `tier` and `way`: listener, public.
pub const PROBE_SUCCESS: &str = "pingone_import_probe_success";
/// Probes, by `tier`, `way` and `result`: success, failure.
pub const PROBES: &str = "pingone_import_probes_total";
/// How long probes take, by `tier` and `way`.
pub const PROBE_DURATION: &str = "pingone_import_probe_duration_seconds";
/// How late timers fire, which is how long tasks keep others waiting.
pub const LAG: &str = "pingone_import_event_loop_lag_seconds";
/// HTTP requests, by `route`, `method` and `status`.
pub const HTTP_REQUESTS: &str = "pingone_import_http_requests_total";
/// Connections that were turned away because there were too many.
pub const SHED: &str = "pingone_import_shed_connections_total";
/// Times that no connection could be accepted, for lack of file descriptors for example.
pub const ACCEPT_ERRORS: &str = "pingone_import_accept_errors_total";
/// HTTP connections that ended with an error, by `reason`.
pub const CONNECTION_ERRORS: &str = "pingone_import_connection_errors_total";
/// Panics of any task; each is contained.
pub const PANICS: &str = "pingone_import_panics_total";
/// Panics of handlers, by `source`: http, socketio.
pub const HANDLER_PANICS: &str = "pingone_import_handler_panics_total";
/// Always 1; the `version` is what matters.
pub const BUILD_INFO: &str = "pingone_import_build_info";
/// When the process started, in seconds since 1970.
pub const START_TIME: &str = "process_start_time_seconds";
/// Memory of the process that is in RAM.
pub const RESIDENT_MEMORY: &str = "process_resident_memory_bytes";
/// Open file descriptors.
pub const OPEN_FILES: &str = "process_open_fds";
/// Most file descriptors that may be open.
pub const MAX_FILES: &str = "process_max_fds";

/// Says what each means, and lets those that nothing has moved yet show as 0.
pub(super) fn describe() {
    describe_gauge!(CONNECTIONS, "Open real-time connections");
    describe_counter!(SWITCHES, "Changes of what carries an adaptive session");
    describe_counter!(HANDSHAKE_FAILURES, "Opening requests of sockets that were refused");
    describe_counter!(REFUSALS, "Requests that Engine.IO refused");
    describe_counter!(SOCKET_FAULTS, "What clients of Engine.IO did wrong, or their networks");
    describe_gauge!(QUEUED_BYTES, Unit::Bytes, "Bytes that wait for real-time clients");
    describe_counter!(
        SLOW_CONSUMERS,
        "Clients that were disconnected because they did not take what was sent"
    );
    describe_counter!(REJECTED_EVENTS, "Events of clients that no handler got");
    describe_gauge!(UNFINISHED_JOBS, "Jobs that have not ended");
    describe_counter!(JOBS, "Jobs that ended");
    describe_counter!(ROWS, "Rows that got an outcome");
    describe_counter!(PINGONE_REQUESTS, "Requests to PingOne");
    describe_counter!(PINGONE_RETRIES, "Repeated requests to PingOne");
    describe_counter!(PINGONE_FAILURES, "Requests to PingOne that failed");
    describe_counter!(PINGONE_THROTTLED, "Answers of PingOne with status 429");
    describe_gauge!(PINGONE_RATE, "Requests to PingOne allowed per second");
    describe_gauge!(PINGONE_IN_FLIGHT, "Requests to PingOne that wait for an answer");
    describe_histogram!(PINGONE_DURATION, Unit::Seconds, "Time that PingOne takes to answer");
    describe_histogram!(STORE_DURATION, Unit::Seconds, "Time that the store takes");
    describe_gauge!(PROBE_SUCCESS, "Whether a tier worked when it was last probed");
    describe_counter!(PROBES, "Probes of tiers");
    describe_histogram!(PROBE_DURATION, Unit::Seconds, "How long probes take");
    describe_histogram!(LAG, Unit::Seconds, "How late timers fire");
    describe_counter!(HTTP_REQUESTS, "HTTP requests");
    describe_counter!(SHED, "Connections that were turned away because there were too many");
    describe_counter!(ACCEPT_ERRORS, "Times that no connection could be accepted");
    describe_counter!(CONNECTION_ERRORS, "HTTP connections that ended with an error");
    describe_counter!(PANICS, "Panics, each of which was contained");
    describe_counter!(HANDLER_PANICS, "Panics of handlers");
    describe_gauge!(BUILD_INFO, "The version that runs");
    describe_gauge!(START_TIME, Unit::Seconds, "When the process started, since 1970");
    describe_gauge!(RESIDENT_MEMORY, Unit::Bytes, "Memory of the process that is in RAM");
    describe_gauge!(OPEN_FILES, "Open file descriptors");
    describe_gauge!(MAX_FILES, "Most file descriptors that may be open");
    for tier in ["websocket", "polling", "direct", "sse"] {
        gauge!(CONNECTIONS, "tier" => tier).set(0);
    }
    for name in [SLOW_CONSUMERS, REJECTED_EVENTS, SHED, ACCEPT_ERRORS, PANICS] {
        counter!(name).increment(0);
    }
    for kind in ["import", "modify", "delete", "export"] {
        for outcome in ["completed", "failed", "cancelled"] {
            counter!(JOBS, "kind" => kind, "outcome" => outcome).increment(0);
        }
    }
    for source in ["http", "socketio"] {
        counter!(HANDLER_PANICS, "source" => source).increment(0);
    }
    for code in ["400", "401", "403", "503"] {
        counter!(HANDSHAKE_FAILURES, "code" => code).increment(0);
    }
    for reason in ["invalid_request", "timeout", "closed_early", "broken"] {
        counter!(CONNECTION_ERRORS, "reason" => reason).increment(0);
    }
    gauge!(QUEUED_BYTES).set(0);
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1);
}
