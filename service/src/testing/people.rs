//! People for tests, through the mails that they get.

use domain::identity::{email::Email, user::User};
use sea_orm::ConnectionTrait;

use crate::{
    Ctx, Services,
    identity::{
        mail_links::{Newcomer, Origin},
        users::NewUser,
    },
};

/// The token of the link in the newest mail to an address.
pub async fn mailed_token(services: &Services, to: &Email) -> Option<String> {
    mailed_behind(services, to, "/link/").await
}

/// What stands behind `path` in the newest mail to an address.
pub async fn mailed_behind(services: &Services, to: &Email, path: &str) -> Option<String> {
    let mails = services.mails().latest(&Ctx::operator()).await.expect("mails");
    let mail = mails.into_iter().find(|queued| queued.mail.to == *to)?.mail.plain;
    let (_, token) = mail.split_once(path)?;
    Some(token.split_whitespace().next().unwrap_or_default().to_owned())
}

/// Registers somebody, who follows the link in the mail, chooses the password and throws the mail away.
pub async fn register(services: &Services, new: NewUser) -> User {
    let (links, NewUser { email, password, name, locale }) = (services.mail_links(), new);
    let newcomer = Newcomer { email: email.clone(), name, locale };
    links.register(&Ctx::anonymous(), newcomer, Origin::default()).await.expect("a mail");
    let token = mailed_token(services, &email).await.expect("a link");
    services.db.read().execute_unprepared("DELETE FROM mails WHERE kind = 'confirmation'").await.expect("no mail");
    links.finish_registration(&Ctx::anonymous(), &token, password).await.expect("an account").user
}
