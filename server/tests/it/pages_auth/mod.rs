//! Signing in, registering and what lies around them, page by page, without JavaScript.

mod registering;
mod signing_in;
mod speaking;

use domain::{identity::email::Email, route};
use service::testing::people::mailed_token;

use crate::support::TestApp;

/// The path of the link in the newest mail to an address.
pub async fn mail_link(app: &TestApp, email: &str) -> String {
    let token = mailed_token(&app.services, &Email::parse(email).unwrap()).await.expect("a link");
    format!("{}/{token}", route::MAIL_LINK)
}
