//! Middleware of events: it lets an event pass to its handler, or drops it.

use smallvec::SmallVec;

use crate::{
    EventContext,
    handler::{EventHandler, Middleware},
    run::{self, What},
};

/// Asks in order, and then calls the handler, if there is one.
pub(crate) fn start(
    mut context: EventContext,
    what: What,
    checks: SmallVec<[Middleware<EventContext>; 1]>,
    handler: Option<EventHandler<EventContext>>,
) {
    let socket = context.socket.clone();
    let asking = what.clone();
    run::start(&socket, what, || {
        Ok(Box::pin(async move {
            let socket = context.socket.clone();
            for check in checks {
                let verdict = match check.call(&mut context) {
                    Ok(judging) => judging.await,
                    Err(error) => {
                        asking.not_called(&socket, &error);
                        return None;
                    }
                };
                if let Err(refusal) = verdict {
                    asking.refused(&socket, &refusal);
                    return None;
                }
            }
            match handler?.call(&mut context) {
                // The socket may have left while middleware waited.
                Ok(running) if socket.is_connected() => running.await,
                Ok(_) => None,
                Err(error) => {
                    asking.not_called(&socket, &error);
                    None
                }
            }
        }))
    });
}
