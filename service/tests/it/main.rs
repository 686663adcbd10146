//! Use cases on a real database: SQLite, or PostgreSQL by `TURNPIKE_TEST_DATABASE_URL`.

mod account;
mod api_keys;
mod catalog;
mod factors;
mod found;
mod histories;
mod idempotency;
mod keys;
mod kill;
mod lists;
mod mail_links;
mod mails;
mod midtrans;
mod orders;
mod people;
mod plans;
mod portal;
mod purge;
mod races;
mod renewals;
mod setup;
mod shop;
mod stripe;
mod subscriptions;
mod upstream;
mod users;
