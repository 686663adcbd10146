//! The real router, by its HTTP: protocol, REST and rendered pages.

mod acme;
mod admin_applications;
mod admin_pages;
mod admin_pages_plans;
mod admin_pages_users;
mod admin_people;
mod admin_plans;
mod bad_input;
mod cli;
mod config;
mod demo;
mod http;
mod oidc_authorize;
mod oidc_endpoints;
mod oidc_races;
mod oidc_tokens;
mod openapi;
mod pages_auth;
mod pages_plans;
mod pages_shop;
mod platform_api;
mod races;
mod rest;
mod route_table;
mod slow_clients;
mod support;
