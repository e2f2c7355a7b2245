//! Sessions: log in, log out, who am I.

pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod show;
