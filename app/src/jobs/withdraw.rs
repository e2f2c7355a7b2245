//! Rows that are not sent any more because their job stops.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::sync::watch;

use super::dispatch::Intent;
use super::event::LedgerRow;
use super::settle::{Sent, Settler};
use super::view::JobTrouble;

/// What tells that a job stops.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    pub(super) intent: watch::Receiver<Intent>,
    pub(super) trouble: watch::Receiver<Option<JobTrouble>>,
}

impl Signals {
    /// Waits for a reason to stop. That the job is cancelled is none for a row in doubt: it is found out what became
    /// of it.
    pub(super) async fn stop(self, is_in_doubt: bool) {
        let Self { mut intent, mut trouble } = self;
        let stops = |intent: &Intent| intent.stops(is_in_doubt);
        // Whoever could still ask is gone with the job itself.
        let asked = async {
            if intent.wait_for(stops).await.is_err() {
                pending::<()>().await;
            }
        };
        let troubled = async {
            if trouble.wait_for(Option::is_some).await.is_err() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            () = asked => {}
            () = troubled => {}
        }
    }

    /// Whether there is such a reason.
    pub(super) fn has_stopped(&self, is_in_doubt: bool) -> bool {
        self.intent.borrow().stops(is_in_doubt) || self.trouble.borrow().is_some()
    }
}

impl Intent {
    fn stops(self, is_in_doubt: bool) -> bool {
        match self {
            Self::Run => false,
            Self::Pause | Self::Suspend => true,
            Self::Cancel => !is_in_doubt,
        }
    }
}

/// What became of a row.
#[derive(Debug)]
pub(super) enum Ended {
    /// It has an outcome, or needs none.
    Settled(Option<LedgerRow>),
    /// It could not be settled, for a reason that concerns all rows.
    Trouble(JobTrouble),
    /// The job stopped before the row was sent.
    Withdrawn,
}

impl Settler {
    /// Settles a row, unless the job stops before anything of the row was sent that may change a user: then the row
    /// gives its place in the queue for PingOne up. Tells also whether something was sent.
    pub(super) async fn settle_or_withdraw(&self, sent: &Sent, signals: Signals) -> (Ended, bool) {
        let trace = pingone::Trace::default();
        let settler = Self { client: self.client.leaving(&trace), ..self.clone() };
        let is_in_doubt = sent.in_doubt || self.announced.contains_key(&sent.row);
        let mut settling = pin!(settler.settle(sent));
        let mut stop = pin!(signals.stop(is_in_doubt));
        let mut has_stopped = false;
        let ended = poll_fn(|cx| {
            if let Poll::Ready(settled) = settling.as_mut().poll(cx) {
                return Poll::Ready(settled.map_or_else(Ended::Trouble, Ended::Settled));
            }
            has_stopped = has_stopped || stop.as_mut().poll(cx).is_ready();
            // PingOne may have turned a request away since, and then its row can be left as well.
            match has_stopped && !trace.is_left() {
                true => Poll::Ready(Ended::Withdrawn),
                false => Poll::Pending,
            }
        });
        let ended = ended.await;
        (ended, trace.is_left())
    }

    /// Whether an announcement of `row` is from this run, so that it says nothing where this run has sent nothing.
    pub(super) fn may_withdraw(&self, row: u64) -> bool {
        !self.rehearses && !self.announced.contains_key(&row)
    }
}
