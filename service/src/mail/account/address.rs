//! The mails about another address for an account.

use domain::{Secret, identity::email::Email, route::ReturnTo};

use super::About;
use crate::{
    mail::{Button, Letter},
    tx::Tx,
};

impl About {
    /// The link that gives an account this address.
    pub fn address_confirmation(&self, token: &Secret) -> Letter {
        let text = self.text;
        Letter {
            paragraphs: vec![text.new_address_body(&self.product)],
            button: Some(self.follow(token, text.confirm_button())),
            notes: vec![text.once_note(), text.nothing_note()],
            ..self.letter(text.new_address_subject(&self.product), text.new_address_title())
        }
    }

    /// Somebody wanted to give their account this address, which has one.
    pub fn address_taken(&self, to: &ReturnTo) -> Letter {
        let text = self.text;
        let href = format!("{}{}", self.issuer, to.sign_in());
        Letter {
            paragraphs: vec![text.address_taken_body(&self.product)],
            button: Some(Button { label: text.sign_in(), href }),
            notes: vec![text.address_taken_note(), text.nothing_note()],
            ..self.letter(text.address_taken_subject(&self.product), text.address_taken_title())
        }
    }

    /// The address is another one now: `new`. This goes to the one of before. Where its owner changed it, every
    /// other session has ended; where somebody else did, it is not for the owner to know from where.
    pub fn address_changed(&self, tx: &Tx<'_>, new: &Email, own: bool) -> Letter {
        let text = self.text;
        let sessions = own.then(|| text.address_changed_sessions());
        Letter {
            paragraphs: [text.address_changed_body(new)].into_iter().chain(sessions).collect(),
            rows: if own { self.circumstances(tx) } else { Vec::new() },
            notes: vec![if own { text.address_changed_note() } else { text.others_deed_note() }],
            ..self.letter(text.address_changed_subject(&self.product), text.address_changed_title())
        }
    }
}
