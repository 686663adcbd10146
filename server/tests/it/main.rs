//! The real router, by its HTTP: protocol, REST and rendered pages.

mod http;
mod support;
