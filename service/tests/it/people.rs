//! People for tests.

use domain::identity::{email::Email, password::Password};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    identity::{mail_links::Newcomer, users::NewUser},
    testing::TestServices,
};

pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

pub fn new_user(address: &str) -> NewUser {
    NewUser { email: email(address), password: password("correct horse battery"), name: None, locale: None }
}

pub fn newcomer(address: &str) -> Newcomer {
    Newcomer { email: email(address), name: None, locale: None }
}

/// The only password hash of the database.
pub async fn password_hash(test: &TestServices) -> String {
    let db = test.services.db.read();
    let query = Statement::from_string(db.get_database_backend(), "SELECT hash FROM password_credentials");
    db.query_one_raw(query).await.unwrap().unwrap().try_get("", "hash").unwrap()
}
