//! From an address to byte streams and HTTP exchanges.

mod connector;
pub(crate) use connector::{Connector, Stream};

mod cookie_date;

mod cookies;
pub(crate) use cookies::Cookies;

mod endpoint;
pub(crate) use endpoint::Endpoint;

mod http;
pub(crate) use http::{Net, Part};

mod tls;
