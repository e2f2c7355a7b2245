mod engineio;
mod import;
mod session;
mod socketio;

/// Something that must cope with any input.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Panics if it does not cope.
    pub run: fn(&[u8]),
    /// Well-formed input to begin with.
    pub samples: &'static [&'static [u8]],
}

/// All targets.
pub const ALL: &[Target] = &[
    Target { name: "packet", run: engineio::packet, samples: engineio::PACKETS },
    Target { name: "query", run: engineio::query, samples: engineio::QUERIES },
    Target { name: "payload", run: engineio::payload, samples: engineio::PAYLOADS },
    Target { name: "payload-v3", run: engineio::payload_v3, samples: engineio::PAYLOADS_V3 },
    Target { name: "frames", run: engineio::frames, samples: engineio::FRAMES },
    Target { name: "socketio", run: socketio::text, samples: socketio::PACKETS },
    Target { name: "msgpack", run: socketio::msgpack, samples: socketio::MSGPACK },
    Target { name: "msgpack-value", run: socketio::msgpack_value, samples: socketio::MSGPACK_VALUES },
    Target { name: "session", run: session::pair, samples: session::OPERATIONS },
    Target { name: "session-hostile", run: session::hostile, samples: session::HOSTILE },
    Target { name: "users-file", run: import::users_file, samples: import::FILES },
    Target { name: "pingone", run: import::pingone, samples: import::ANSWERS },
    Target { name: "filter", run: import::filter, samples: import::FILTERS },
];

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::from_seed;

    #[test]
    fn every_target_copes_with_its_samples_and_some_changes_of_them() {
        for target in ALL {
            target.samples.iter().for_each(|sample| (target.run)(sample));
            (0..200).for_each(|seed| (target.run)(&from_seed(seed, target.samples)));
        }
    }
}
