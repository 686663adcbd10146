//! The authorization endpoint: what it checks, whom it asks what, and how it answers.

mod checking;
mod consenting;
mod form_post;
mod selecting_plans;
mod signing_in;
