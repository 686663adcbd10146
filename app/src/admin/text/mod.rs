//! What the dashboard says.

mod clients;
mod frame;
mod plans;
mod settings;
mod users;
