//! What is sent and received: users and populations.

mod changes;
mod group;
mod new_user;
mod password_state;
mod population;
mod user;
mod user_key;

pub use group::Group;
pub(crate) use new_user::Reference;
pub use new_user::{NewPassword, NewUser};
pub use password_state::PasswordState;
pub use population::{NewPopulation, Population, PopulationChange};
pub use user::User;
pub use user_key::UserKey;
