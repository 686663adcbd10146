//! The front doors: adapters of a few lines between HTTP and the use cases of `service`.

pub mod http;
pub mod state;
