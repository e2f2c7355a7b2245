//! Who may use the server: a one-time login link, session cookies, bearer tokens, and the check of `Origin`.

mod gate;
mod origin;
mod sessions;
mod token;

pub use gate::{Access, guard_api, guard_socket};
pub use origin::{OriginPolicy, OriginRefused};
pub use sessions::{Principal, Redeemed, Sessions};
pub use token::Token;
