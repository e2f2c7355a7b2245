//! Who may use the server: login links, session cookies, bearer tokens, and the check of `Origin`.

mod gate;
mod origin;
mod sessions;
mod tickets;
mod token;

pub use gate::{Access, guard_api, guard_socket};
pub use origin::{OriginPolicy, OriginRefused};
pub use sessions::{Principal, Redeemed, SessionEnd, Sessions, Visit};
pub use tickets::{TICKET_LIFETIME, leave_ticket};
pub use token::Token;
