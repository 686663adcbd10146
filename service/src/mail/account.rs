//! The mails about accounts: links that prove an address, and notices that something happened to an account.

mod address;
mod organization;
mod security;

use domain::{
    Secret,
    id::ApplicationId,
    identity::{device::Device, email::Email, user::User},
    route::{self, AccountPage, ReturnTo},
};

use super::{Button, Kind, Letter, Recipient, letter::Brand, queue, text::Text};
use crate::{
    Result,
    identity::{account::only_application, ways_in::WaysIn},
    tx::Tx,
    upstream::identities,
};
pub(crate) use organization::Part;
pub(crate) use security::Change;

/// Whom a mail is for, and on whose pages it was asked for.
pub(crate) struct About {
    application: Option<ApplicationId>,
    product: String,
    issuer: String,
    to: Recipient,
    text: Text,
}

impl About {
    /// The language is the user's, that of the page on which somebody asked, or the application's own.
    pub fn of(tx: &Tx<'_>, email: &Email, user: Option<&User>, application: Option<ApplicationId>) -> Self {
        let directory = tx.services.directory();
        let entry = application.and_then(|id| directory.application(id)).map(|entry| &**entry);
        let told = user.and_then(|user| user.locale).or(tx.ctx.locale);
        let locale = told.or(entry.map(|entry| entry.application.settings.default_locale)).unwrap_or_default();
        Self {
            application,
            product: Brand::of(entry).name,
            issuer: tx.services.settings.issuer.clone(),
            to: Recipient { email: email.clone(), locale },
            text: Text(locale),
        }
    }

    /// For somebody about their own account. Without an application it is in the look of the one that waits behind the
    /// page, else of the only one that they may use, as the account's pages are.
    ///
    /// # Errors
    /// The database's own.
    pub async fn owner(tx: &Tx<'_>, user: &User, application: Option<ApplicationId>) -> Result<Self> {
        let application = match application.or(tx.ctx.waiting_for) {
            Some(application) => Some(application),
            None => only_application(tx.db, user).await?,
        };
        Ok(Self::of(tx, &user.email, Some(user), application))
    }

    /// The link that makes an account.
    pub fn confirmation(&self, token: &Secret) -> Letter {
        let text = self.text;
        Letter {
            paragraphs: vec![text.confirm_body(&self.product)],
            button: Some(self.follow(token, text.confirm_button())),
            notes: vec![text.once_note(), text.confirm_note()],
            ..self.letter(text.confirm_subject(&self.product), text.confirm_title())
        }
    }

    /// Somebody wanted to make an account that there is.
    pub fn account_exists(&self, to: &ReturnTo) -> Letter {
        let text = self.text;
        let href = format!("{}{}", self.issuer, to.sign_in());
        Letter {
            paragraphs: vec![text.exists_body(&self.product)],
            button: Some(Button { label: text.sign_in(), href }),
            notes: vec![text.exists_note(), text.nothing_note()],
            ..self.letter(text.exists_subject(&self.product), text.exists_title())
        }
    }

    /// The link that signs in.
    pub fn sign_in_link(&self, token: &Secret) -> Letter {
        let text = self.text;
        Letter {
            paragraphs: vec![text.link_body(&self.product)],
            button: Some(self.follow(token, text.sign_in())),
            notes: vec![text.once_note(), text.nothing_note()],
            ..self.letter(text.link_subject(&self.product), text.link_title())
        }
    }

    /// The link to a new password.
    pub fn password_reset(&self, token: &Secret) -> Letter {
        let text = self.text;
        Letter {
            paragraphs: vec![text.reset_body(&self.product)],
            button: Some(self.follow(token, text.reset_button())),
            notes: vec![text.once_note(), text.reset_note()],
            ..self.letter(text.reset_subject(&self.product), text.reset_title())
        }
    }

    /// The same link, where an administrator wants it and not the reader.
    pub fn password_asked(&self, token: &Secret) -> Letter {
        let text = self.text;
        Letter {
            paragraphs: vec![text.asked_body(&self.product)],
            button: Some(self.follow(token, text.reset_button())),
            notes: vec![text.once_note(), text.asked_note()],
            ..self.letter(text.asked_subject(&self.product), text.asked_title())
        }
    }

    /// A link was asked for, for an address without an account.
    pub fn no_account(&self, to: &ReturnTo) -> Letter {
        let text = self.text;
        let href = format!("{}{}", self.issuer, to.sign_in());
        Letter {
            paragraphs: vec![text.no_account_body(&self.product)],
            button: Some(Button { label: text.other_address_button(), href }),
            notes: vec![text.no_account_note(), text.nothing_note()],
            ..self.letter(text.no_account_subject(&self.product), text.no_account_title())
        }
    }

    /// The password is another one now. What else signs in is listed: whoever had the account may have added to it.
    pub fn password_changed(&self, ways: &WaysIn) -> Letter {
        let text = self.text;
        let passkeys = ways.passkeys.iter().map(|own| text.a_passkey(&own.name));
        let identities = ways.identities.iter().map(|own| {
            let host = identities::host(&own.issuer);
            own.email.as_ref().map_or_else(|| host.clone(), |email| format!("{host}: {email}"))
        });
        let rows: Vec<_> = passkeys.chain(identities).map(|other| (text.other_way(), other)).collect();
        let warning = (!rows.is_empty()).then(|| text.changed_others());
        Letter {
            paragraphs: [text.changed_body()].into_iter().chain(warning).collect(),
            rows,
            notes: vec![text.changed_note()],
            ..self.letter(text.changed_subject(&self.product), text.changed_title())
        }
    }

    /// Somebody signed in with a browser that the account did not use before.
    pub fn new_sign_in(&self, tx: &Tx<'_>) -> Letter {
        let text = self.text;
        let href = format!("{}{}", self.issuer, route::FORGOT_PASSWORD);
        Letter {
            paragraphs: vec![text.new_sign_in_body()],
            rows: self.circumstances(tx),
            button: Some(Button { label: text.not_me_button(), href }),
            notes: vec![text.new_sign_in_note()],
            ..self.letter(text.new_sign_in_subject(&self.product), text.new_sign_in_title())
        }
    }

    /// When, and from where, as far as its reader may recognise it.
    fn circumstances(&self, tx: &Tx<'_>) -> Vec<(String, String)> {
        let text = self.text;
        let device = tx.ctx.user_agent.as_deref().and_then(Device::of).map(|device| device.to_string());
        let rows = [
            Some((text.date(), self.to.locale.date_time(tx.now))),
            device.map(|device| (text.device(), device)),
            tx.ctx.address.clone().map(|address| (text.address(), address)),
        ];
        rows.into_iter().flatten().collect()
    }

    /// An account at `provider` signs in to this one now.
    pub fn identity_linked(&self, provider: &str, email: Option<&Email>) -> Letter {
        let text = self.text;
        let href = format!("{}{}", self.issuer, AccountPage::Identities.path());
        Letter {
            paragraphs: vec![text.linked_body(provider)],
            rows: email.map(|email| (text.linked_email(), email.to_string())).into_iter().collect(),
            button: Some(Button { label: text.linked_button(), href }),
            notes: vec![text.linked_note()],
            ..self.letter(text.linked_subject(&self.product), text.linked_title())
        }
    }

    fn letter(&self, subject: String, title: String) -> Letter {
        Letter {
            locale: self.to.locale,
            subject,
            title,
            paragraphs: Vec::new(),
            rows: Vec::new(),
            button: None,
            notes: Vec::new(),
        }
    }

    fn follow(&self, token: &Secret, label: String) -> Button {
        Button { label, href: format!("{}{}/{}", self.issuer, route::MAIL_LINK, token.expose()) }
    }

    pub async fn queue(&self, tx: &Tx<'_>, kind: Kind, letter: &Letter) -> Result<()> {
        queue(tx, kind, self.application, self.to.clone(), letter).await
    }
}
