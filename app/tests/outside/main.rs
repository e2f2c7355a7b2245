//! Real programs from outside: proxies that are set up wrongly in the ways that the guide describes and what the doctor
//! says of them, the reference server, and Prometheus.
//!
//! They need nginx, HAProxy, Squid, Apache, Prometheus and Node.js, so they are a step of their own in `cargo xtask test`.

mod real_programs;
