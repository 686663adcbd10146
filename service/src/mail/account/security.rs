//! Notices that what guards an account is another now, is known to somebody else, or is gone.

use domain::{identity::factor::FactorKind, route};

use super::{About, Kind};
use crate::{
    Result,
    mail::{Button, Letter},
    tx::Tx,
};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    FactorAdded {
        kind: FactorKind,
        /// Every other session has ended by it.
        is_first: bool,
    },
    FactorRemoved(FactorKind),
    /// A superadmin took every factor away.
    FactorsReset,
    /// The account at this provider signs in no more.
    IdentityUnlinked(String),
    RecoveryCodesMade,
    RecoveryCodeUsed {
        left: usize,
    },
}

impl About {
    /// Queues the notice of a change.
    pub async fn tell(&self, tx: &Tx<'_>, change: Change) -> Result<()> {
        self.queue(tx, Kind::SecurityChanged, &self.security_changed(tx, change)).await
    }

    fn security_changed(&self, tx: &Tx<'_>, change: Change) -> Letter {
        let text = self.text;
        // From where somebody else did it is not for the owner to know.
        let is_own = change != Change::FactorsReset;
        // A new password lets nobody in past a factor that is somebody else's.
        let helps = is_own && !matches!(change, Change::FactorAdded { is_first: true, .. });
        let rows = if is_own { self.circumstances(tx) } else { Vec::new() };
        let (note, sessions) = match change {
            Change::FactorAdded { is_first: true, .. } => {
                (text.first_factor_note(), Some(text.address_changed_sessions()))
            }
            Change::FactorAdded { is_first: false, .. } => (text.factor_added_note(), None),
            Change::FactorsReset => (text.others_deed_note(), None),
            Change::FactorRemoved(_) | Change::IdentityUnlinked(_) => {
                (text.security_note(), Some(text.address_changed_sessions()))
            }
            _ => (text.security_note(), None),
        };
        let (title, body) = match change {
            Change::FactorAdded { kind: FactorKind::Totp, .. } => (text.app_added_title(), text.app_added_body()),
            Change::FactorAdded { kind: FactorKind::Passkey, .. } => {
                (text.passkey_added_title(), text.passkey_added_body())
            }
            Change::FactorRemoved(FactorKind::Totp) => (text.app_removed_title(), text.app_removed_body()),
            Change::FactorRemoved(FactorKind::Passkey) => (text.passkey_removed_title(), text.passkey_removed_body()),
            Change::FactorsReset => (text.factors_reset_title(), text.factors_reset_body()),
            Change::IdentityUnlinked(provider) => (text.unlinked_title(), text.unlinked_body(provider)),
            Change::RecoveryCodesMade => (text.codes_made_title(), text.codes_made_body()),
            Change::RecoveryCodeUsed { left } => (text.code_used_title(), text.code_used_body(left)),
        };
        let href = format!("{}{}", self.issuer, route::FORGOT_PASSWORD);
        Letter {
            paragraphs: [body].into_iter().chain(sessions).collect(),
            rows,
            button: helps.then(|| Button { label: text.not_me_button(), href }),
            notes: vec![note],
            ..self.letter(text.security_subject(&self.product, &title), title)
        }
    }

    /// The password was right, and then one second factor after the other was wrong.
    pub fn password_known(&self, tx: &Tx<'_>) -> Letter {
        let (text, title) = (self.text, self.text.password_known_title());
        let href = format!("{}{}", self.issuer, route::FORGOT_PASSWORD);
        Letter {
            paragraphs: vec![text.password_known_body()],
            rows: self.circumstances(tx),
            button: Some(Button { label: text.not_me_button(), href }),
            notes: vec![text.password_known_note()],
            ..self.letter(text.security_subject(&self.product, &title), title)
        }
    }

    /// The account is deleted, by its owner or somebody else. This goes to the address that it had.
    pub fn account_deleted(&self, tx: &Tx<'_>, own: bool) -> Letter {
        let text = self.text;
        Letter {
            paragraphs: vec![text.deleted_body()],
            rows: if own { self.circumstances(tx) } else { Vec::new() },
            notes: vec![if own { text.address_changed_note() } else { text.others_deed_note() }],
            ..self.letter(text.deleted_subject(&self.product), text.deleted_title())
        }
    }
}
