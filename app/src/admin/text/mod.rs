//! What the dashboard says.

mod clients;
mod fields;
mod flaws;
mod frame;
mod mailbox;
mod plans;
mod settings;
mod users;
