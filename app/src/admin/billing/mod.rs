//! How an application collects money: its settings, its test clock, and what a person has to look at.

pub mod alerts;
pub mod clock;
mod keys;
pub mod settings;
