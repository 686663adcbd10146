//! What the dashboard says.

mod clients;
mod fields;
mod flaws;
mod frame;
mod plans;
mod settings;
mod users;
