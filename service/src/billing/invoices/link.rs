//! The pay link of an invoice: whoever has it may pay, without a session, and sees nothing but the bill.

use domain::{ErrorCode, billing::invoice::Invoice, billing::payment::Mode, id::ApplicationId, id::InvoiceId, route};

use super::{Invoices, manage, rows};
use crate::{
    Ctx, Result,
    billing::{
        hold,
        orders::{Destination, Placed},
    },
    crypto::Purpose,
};

/// What somebody sees who has the link.
#[derive(Clone, Debug)]
pub struct Bill {
    pub application: ApplicationId,
    pub invoice: Invoice,
    /// Test or live, where the application has a provider.
    pub mode: Option<Mode>,
}

impl Invoices<'_> {
    /// The path of an invoice's pay link. It names the invoice by a sealed text, so that it cannot be guessed.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn pay_path(&self, id: InvoiceId) -> Result<String> {
        let token = self.0.vault.seal_value(Purpose::PayLink, &id, &*self.0.rng)?;
        Ok(format!("{}/{token}", route::PAY))
    }

    /// The invoice that the token of a link names. Looking changes nothing.
    ///
    /// # Errors
    /// `SUB_001` when there is none.
    pub async fn by_link(&self, token: &str) -> Result<Bill> {
        let (invoice, row) = rows::find(self.0.db.read(), self.named(token)?).await?.ok_or(ErrorCode::PlanNotFound)?;
        let application = ApplicationId::from(row.application_id);
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::PlanNotFound)?;
        let provider = self.0.provider(application, entry.application.settings.provider).ok();
        Ok(Bill { application, invoice, mode: provider.map(|provider| provider.mode()) })
    }

    /// The provider's page of a link's invoice, as [`Self::page_elsewhere`].
    ///
    /// # Errors
    /// As [`Self::by_link`], and the provider's own.
    pub async fn page_elsewhere_by_link(&self, token: &str) -> Result<Option<String>> {
        let bill = self.by_link(token).await?;
        self.hosted(bill.application, &bill.invoice).await
    }

    /// An order that pays the invoice of a link; again, the same one.
    ///
    /// # Errors
    /// As [`Self::by_link`] and [`Self::pay`].
    pub async fn pay_by_link(&self, ctx: &Ctx, token: &str) -> Result<Placed> {
        let id = self.named(token)?;
        let (_, row) = rows::find(self.0.db.read(), id).await?.ok_or(ErrorCode::PlanNotFound)?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let hold = hold::lock(&tx, row.membership_id.into()).await?;
                    manage::order(&tx, &hold, id, Destination::Here).await
                })
            })
            .await
    }

    fn named(&self, token: &str) -> Result<InvoiceId> {
        Ok(self.0.vault.open_value(Purpose::PayLink, token).ok_or(ErrorCode::PlanNotFound)?)
    }
}
