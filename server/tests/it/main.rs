//! The real router, by its HTTP: protocol, REST and rendered pages.

mod cli;
mod config;
mod http;
mod support;
