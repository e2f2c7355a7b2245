//! Which earlier jobs are needed by ones that are being made, and which are being deleted.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::view::JobId;

/// Keeps a job from being deleted while another is made of it, and from being used once it is.
#[derive(Debug, Default)]
pub(super) struct Holds(Arc<Mutex<HashMap<JobId, Hold>>>);

#[derive(Debug)]
enum Hold {
    /// By so many.
    Needed(usize),
    Leaving,
}

/// What is said of a job until this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    holds: Arc<Mutex<HashMap<JobId, Hold>>>,
    job: JobId,
}

impl Holds {
    /// Has `job` stay; nothing if it is being deleted.
    pub(super) fn need(&self, job: JobId) -> Option<Held> {
        match self.0.lock().entry(job).or_insert(Hold::Needed(0)) {
            Hold::Needed(count) => *count += 1,
            Hold::Leaving => return None,
        }
        Some(self.held(job))
    }

    /// Has nobody begin to need `job`; nothing if somebody does, or it is being deleted already.
    pub(super) fn leave(&self, job: JobId) -> Option<Held> {
        let mut holds = self.0.lock();
        if holds.contains_key(&job) {
            return None;
        }
        holds.insert(job, Hold::Leaving);
        Some(self.held(job))
    }

    fn held(&self, job: JobId) -> Held {
        Held { holds: Arc::clone(&self.0), job }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut holds = self.holds.lock();
        match holds.get_mut(&self.job) {
            Some(Hold::Needed(count)) if *count > 1 => *count -= 1,
            _ => drop(holds.remove(&self.job)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_leaves_when_nobody_needs_it_and_is_not_needed_while_it_does() {
        let (holds, job) = (Holds::default(), JobId::new());
        let (one, other) = (holds.need(job).unwrap(), holds.need(job).unwrap());
        drop(one);
        assert!(holds.leave(job).is_none());
        drop(other);
        let leaving = holds.leave(job).unwrap();
        assert!(holds.need(job).is_none() && holds.leave(job).is_none());
        assert!(holds.need(JobId::new()).is_some());
        drop(leaving);
        assert!(holds.need(job).is_some() && holds.0.lock().is_empty());
    }
}
