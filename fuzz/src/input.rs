use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// The input that belongs to a seed: one of the samples, changed in some places, or noise.
pub fn from_seed(seed: u64, samples: &[&[u8]]) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut input = sample(&mut random, samples).to_vec();
    for _ in 0..random.random_range(0..8) {
        change(&mut random, &mut input, samples);
    }
    input.truncate(LONGEST);
    input
}

fn sample<'a>(random: &mut StdRng, samples: &[&'a [u8]]) -> &'a [u8] {
    match samples {
        [] => b"",
        samples => samples[random.random_range(0..samples.len())],
    }
}

fn change(random: &mut StdRng, input: &mut Vec<u8>, samples: &[&[u8]]) {
    let at = random.random_range(0..=input.len());
    let end = random.random_range(at..=input.len());
    match random.random_range(0..8) {
        0 => input.truncate(at),
        1 => drop(input.drain(at..end)),
        2 => drop(input.splice(at..at, sample(random, samples).iter().copied())),
        3 => {
            let copy = input[at..end].to_vec();
            input.splice(at..at, copy);
        }
        4 => {
            let noise: Vec<u8> = (0..random.random_range(1..16)).map(|_| random.random()).collect();
            input.splice(at..at, noise);
        }
        5 => input.extend_from_slice(sample(random, samples)),
        change => {
            if let Some(byte) = input.get_mut(at) {
                *byte = match change {
                    6 => EDGES[random.random_range(0..EDGES.len())],
                    _ => *byte ^ (1 << random.random_range(0..8)),
                };
            }
        }
    }
}

/// Bytes at which formats turn: signs of JSON and CSV, separators, ends of ranges.
const EDGES: &[u8] = b"\x00\x01\x1e\x7f\x80\xff\"\\{}[],:;-0189b'\r\n\t \xc3\xe2\xf0\xef\xbb\xbf";

const LONGEST: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_one_input() {
        let samples: &[&[u8]] = &[b"one", b"two"];
        let inputs: Vec<_> = (0..100).map(|seed| from_seed(seed, samples)).collect();
        assert_eq!(inputs, (0..100).map(|seed| from_seed(seed, samples)).collect::<Vec<_>>());
        assert!(inputs.iter().collect::<std::collections::BTreeSet<_>>().len() > 50);
    }
}
