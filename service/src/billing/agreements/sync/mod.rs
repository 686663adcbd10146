//! Following a subscription that a provider renews: what it has billed, what failed, what was changed there.

mod adopt;
mod charged;
mod follow;
mod unheld;

use domain::{
    ErrorCode, Money,
    application::Provider,
    billing::{order::Status, payment::Mode},
    id::{ApplicationId, MembershipId, OrderId},
};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait};

use self::{follow::follow, unheld::orphan};
use super::steering::{self, Told};
use crate::{
    Ctx, Result, Services,
    billing::{
        credits,
        hold::{self, Hold},
    },
    directory::ApplicationEntry,
    entity::{memberships, orders, subscriptions},
    payment::{Agreement, AgreementState, objects::Account},
    tx::Tx,
};

/// What a provider says of one of its subscriptions.
struct News<'a> {
    entry: &'a ApplicationEntry,
    provider: Provider,
    mode: Mode,
    agreement: &'a Agreement,
    /// What had been written down for it before it was asked.
    told: Option<&'a Told>,
}

impl News<'_> {
    fn account(&self) -> Account {
        Account { application: self.entry.application.id, provider: self.provider, mode: self.mode }
    }

    /// Whether it goes on being charged.
    const fn runs(&self) -> bool {
        use AgreementState::{Active, PastDue, Paused, Trialing};
        matches!(self.agreement.state, Active | PastDue | Paused | Trialing { .. })
    }

    /// Whether the member holds what is told of.
    fn is_held(&self, hold: &Hold) -> bool {
        hold.billing.reference.as_deref() == Some(self.agreement.reference.as_str())
    }
}

/// Asks the provider about one of its subscriptions, and follows. What another application sold on the same account, or
/// nobody here, is nobody's business.
///
/// # Errors
/// The provider's own.
pub(crate) async fn sync(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<()> {
    while !is_followed(services, application, provider, reference).await? {}
    Ok(())
}

/// As [`sync`], once. Says whether the answer could be followed: see [`follow()`].
async fn is_followed(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<bool> {
    let account = services.provider(application, provider)?;
    let told = steering::told(services.db.read(), application, provider, reference).await?;
    let Some(agreement) = account.agreement(reference).await? else { return Ok(true) };
    if owner(services, application, provider, reference).await?.is_none()
        && let Some(order) = agreement.order
        && is_unpaid(services, application, order).await?
    {
        // Its order has not been settled: nobody has come back from the provider's page yet.
        services.orders().refresh(order).await?;
    }
    let member = owner(services, application, provider, reference).await?;
    let entry = services.directory().application(application).ok_or(ErrorCode::ApplicationNotFound)?.clone();
    let mode = account.mode();
    let draft = agreement.draft.clone();
    let (is_followed, credit) = services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let news = News { entry: &entry, provider, mode, agreement: &agreement, told: told.as_ref() };
                let Some(member) = member else {
                    orphan(&tx, &news).await?;
                    return Ok((true, None));
                };
                let is_followed = follow(&tx, &news, member).await?;
                let credit = if is_followed { usable_credit(&tx, &news, member).await? } else { None };
                Ok((is_followed, credit))
            })
        })
        .await?;
    if let Some((draft, credit)) = draft.zip(credit)
        && !credit.is_zero()
    {
        account.take_off(&draft, credit).await?;
    }
    Ok(is_followed)
}

/// What of the member's credit the next bill takes, while it can. It is used when the bill is asked for: the bill says
/// how much was taken off it.
async fn usable_credit(tx: &Tx<'_>, news: &News<'_>, member: MembershipId) -> Result<Option<Money>> {
    let Some(draft) = &news.agreement.draft else { return Ok(None) };
    let hold = hold::lock(tx, member).await?;
    let period = hold.subscription.as_ref().and_then(|held| held.period);
    if !news.is_held(&hold) || period.is_none_or(|period| draft.period.start < period.end) {
        return Ok(None);
    }
    let there = credits::available(tx, &hold, draft.total.currency()).await?;
    Ok(Some(if there.amount() < draft.total.amount() { there } else { draft.total }))
}

async fn owner(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<Option<MembershipId>> {
    let row = subscriptions::Entity::find()
        .join(JoinType::InnerJoin, subscriptions::Relation::Membership.def())
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(subscriptions::Column::Provider.eq(provider.as_str()))
        .filter(subscriptions::Column::Reference.eq(reference))
        .one(services.db.read())
        .await?;
    Ok(row.map(|row| row.membership_id.into()))
}

/// Whether an order of the application's has not been paid; once it is, it does not matter what came of that.
async fn is_unpaid(services: &Services, application: ApplicationId, order: OrderId) -> Result<bool> {
    let row = orders::Entity::find_by_id(order.get())
        .filter(orders::Column::ApplicationId.eq(application.get()))
        .one(services.db.read())
        .await?;
    Ok(row.is_some_and(|row| row.status != Status::Paid.as_str()))
}
