//! Another method that is entered on its provider's page. It counts once, when its customer comes back, or when the
//! provider tells of it: then only where no other was kept or removed since the page was opened, as that may come late.

use domain::{
    Currency, ErrorCode, Money, Problem, Timestamp,
    application::Provider,
    id::{ApplicationId, MembershipId, UserId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Methods, current, has_changed, keep};
use crate::{
    Ctx, Error, Result, Services,
    billing::hold,
    crypto::Purpose,
    directory::ApplicationEntry,
    entity::subscriptions,
    payment::{
        self, Handle, Method, PaymentRequest,
        objects::{self, Account},
    },
    tx::Tx,
};

/// A change that waits for its customer.
#[derive(Serialize, Deserialize)]
struct Begun {
    key: Uuid,
    member: MembershipId,
    provider: Provider,
}

/// Whose change it is and when its page was opened: noted beside the provider's name for it.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Opening {
    member: MembershipId,
    opened: Timestamp,
}

/// Under what an [`Opening`] is noted.
fn opening_of(key: Uuid) -> Uuid {
    objects::derived(&format!("the page of {key}"))
}

/// A change that has not been carried out.
struct Change {
    key: Uuid,
    /// The provider's name for it, which is noted until it is carried out.
    reference: String,
    member: MembershipId,
    /// When its page was opened, where whatever was kept or removed since goes before it.
    opened: Option<Timestamp>,
}

impl Methods<'_> {
    /// Begins a change: the provider's page where another one is entered. It sends its customer back to `return_url`
    /// with the parameter `method`, which [`Self::changed`] takes.
    ///
    /// # Errors
    /// As [`Self::current`], `SRV_002` without a provider, `APP_001` where it [needs a payment](Self::needs_payment), and
    /// the provider's own.
    pub async fn change(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        return_url: &str,
    ) -> Result<String> {
        let member = self.0.require_member(ctx, application, user).await?;
        if self.needs_payment(application) {
            let why = "the provider keeps a payment method only with a payment";
            return Err(Problem::new(ErrorCode::InvalidInput, why).into());
        }
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
        let provider = entry.application.settings.provider;
        let key: Uuid = self.0.id();
        let begun = Begun { key, member, provider };
        let opened = self.0.billing_now(application);
        let token = self.0.vault.seal_value(Purpose::Method, &begun, &*self.0.rng)?;
        let joint = if return_url.contains('?') { '&' } else { '?' };
        let held = current_price(self.0, entry, member).await?;
        let request = PaymentRequest {
            key,
            application,
            customer: self.0.customer(member).await?,
            payer: None,
            money: Money::zero(held.unwrap_or(Currency::parse("usd")?)),
            price: None,
            description: entry.application.settings.name.to_string(),
            keep_method: true,
            renewal: None,
            return_url: format!("{return_url}{joint}method={token}"),
        };
        let account = self.0.provider(application, provider)?;
        let page = account.open(&request).await.map_err(payment::between_us)?;
        let account = Account { application, provider, mode: account.mode() };
        self.0.name_object(account, key, page.reference).await?;
        let note = serde_json::to_string(&Opening { member, opened }).map_err(Error::internal)?;
        self.0.name_object(account, opening_of(key), note).await?;
        Ok(page.url)
    }

    /// What came of a change: the new method, once it is there. One that was carried out already changes nothing any
    /// more, and gives what is kept; nor does one of who has no access any more, of whom none is kept.
    ///
    /// # Errors
    /// `SUB_001` for a parameter that is not ours, and the provider's own.
    pub async fn changed(&self, token: &str) -> Result<Option<Method>> {
        let begun: Begun = self.0.vault.open_value(Purpose::Method, token).ok_or(ErrorCode::PlanNotFound)?;
        let account = self.account(self.0.application_of(begun.member).await?, begun.provider)?;
        let Begun { key, member, .. } = begun;
        match self.0.provider_object(account, key).await? {
            Some(reference) => self.carry_out(account, Change { key, reference, member, opened: None }).await,
            None => current(self.0.db.read(), member, Some(account)).await,
        }
    }

    /// As [`Self::changed`], where the provider tells of it: nobody has to come back from its page. What is no change
    /// of ours is nobody's business. One that was overtaken is given up before its provider is asked, for which the
    /// answer makes it the method that it charges.
    ///
    /// # Errors
    /// The provider's own.
    pub(crate) async fn told(&self, application: ApplicationId, provider: Provider, key: Uuid) -> Result<()> {
        let account = self.account(application, provider)?;
        let Some(reference) = self.0.provider_object(account, key).await? else { return Ok(()) };
        let Some(note) = self.0.provider_object(account, opening_of(key)).await? else { return Ok(()) };
        let opening: Opening = domain::stored::read(&note).map_err(Error::internal)?;
        if self.is_overtaken(account, key, opening).await? {
            return Ok(());
        }
        let Opening { member, opened } = opening;
        self.carry_out(account, Change { key, reference, member, opened: Some(opened) }).await?;
        Ok(())
    }

    fn account(&self, application: ApplicationId, provider: Provider) -> Result<Account> {
        let mode = self.0.provider(application, provider)?.mode();
        Ok(Account { application, provider, mode })
    }

    /// Whether another method was kept, or one removed, since a page was opened: then nothing comes of that any more.
    async fn is_overtaken(&self, account: Account, key: Uuid, opening: Opening) -> Result<bool> {
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let hold = hold::lock(&tx, opening.member).await?;
                    let is_overtaken = has_changed(&tx, &hold, opening.opened).await?;
                    if is_overtaken {
                        take(&tx, account, key).await?;
                    }
                    Ok(is_overtaken)
                })
            })
            .await
    }

    /// Keeps what was entered, once.
    async fn carry_out(&self, account: Account, change: Change) -> Result<Option<Method>> {
        let Change { key, reference, member, opened } = change;
        let provider = self.0.provider(account.application, account.provider)?;
        let handle = Handle { key, reference: Some(reference) };
        let report = provider.inquire(&handle).await.map_err(payment::between_us)?;
        let report = report.filter(|report| report.received().is_some());
        let method = report.and_then(|report| report.method).filter(Method::is_chargeable);
        let Some(method) = method else { return Ok(None) };
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let hold = hold::lock(&tx, member).await?;
                    if !hold.is_active() {
                        return Ok(None);
                    }
                    let is_overtaken = match opened {
                        Some(opened) => has_changed(&tx, &hold, opened).await?,
                        None => false,
                    };
                    if take(&tx, account, key).await? && !is_overtaken {
                        keep(&tx, &hold, account, &method).await?;
                    }
                    current(tx.db, member, Some(account)).await
                })
            })
            .await
    }
}

/// Forgets a change, and says whether it was still to be carried out.
async fn take(tx: &Tx<'_>, account: Account, key: Uuid) -> Result<bool> {
    objects::forget(tx, account, opening_of(key)).await?;
    objects::forget(tx, account, key).await
}

/// The currency in which a member is charged.
async fn current_price(
    services: &Services,
    entry: &ApplicationEntry,
    member: MembershipId,
) -> Result<Option<Currency>> {
    let row = subscriptions::Entity::find()
        .filter(subscriptions::Column::MembershipId.eq(member.get()))
        .filter(subscriptions::open(subscriptions::Entity))
        .one(services.db.read())
        .await?;
    let price = row.and_then(|row| row.price_id);
    let prices = entry.plans.iter().flat_map(|plan| &plan.prices);
    Ok(prices.into_iter().find(|own| Some(own.id.get()) == price).map(|own| own.money.currency()))
}
