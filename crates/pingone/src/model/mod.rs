//! What is sent and received: users and populations.

mod new_user;
mod population;
mod user;

pub(crate) use new_user::Reference;
pub use new_user::{NewPassword, NewUser};
pub use population::{NewPopulation, Population};
pub use user::User;
