//! Whom a mail about a subscription is for, and whose it is.

use std::sync::Arc;

use domain::{ErrorCode, Timestamp, application::Provider, id::PlanId};

use super::{Button, Kind, Letter, Recipient, queue, text::Text};
use crate::{Result, billing::hold::Hold, directory::ApplicationEntry, tx::Tx};

/// A member who is written to.
pub(super) struct Reader {
    entry: Arc<ApplicationEntry>,
    pub to: Recipient,
    pub text: Text,
}

impl Reader {
    /// `None` when nobody is to be written to.
    pub async fn load(tx: &Tx<'_>, hold: &Hold) -> Result<Option<Self>> {
        let directory = tx.services.directory();
        let entry = directory.application(hold.application()).ok_or(ErrorCode::ApplicationNotFound)?.clone();
        let Some(to) = Recipient::of(tx, hold.user(), &entry).await? else { return Ok(None) };
        Ok(Some(Self { entry, text: Text(to.locale), to }))
    }

    pub fn product(&self) -> &str {
        self.entry.application.settings.name.as_str()
    }

    /// The name of a plan, even of one that is gone.
    pub fn plan(&self, id: PlanId) -> String {
        self.entry.plan_name(id)
    }

    pub fn date(&self, at: Timestamp) -> String {
        self.to.locale.date(at)
    }

    /// The product's own address.
    pub fn home(&self) -> Option<Button> {
        let url = self.entry.application.settings.url.as_ref()?;
        Some(Button { label: self.text.to(self.product()), href: url.as_str().to_owned() })
    }

    pub async fn queue(self, tx: &Tx<'_>, kind: Kind, mut letter: Letter) -> Result<()> {
        if self.entry.application.settings.provider == Provider::Sandbox {
            letter.notes.push(self.text.test_mode());
        }
        queue(tx, kind, Some(self.entry.application.id), self.to, &letter).await
    }
}
