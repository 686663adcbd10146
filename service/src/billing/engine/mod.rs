//! The engine: renewals, dunning and everything else that time brings to a subscription. What there is to do is decided
//! by [`domain::billing::renewal`]; here it is done, each step dated with the moment at which it was due.

mod account;
mod charge;
mod steps;

use std::{collections::BTreeSet, time::Duration};

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    id::{ApplicationId, MembershipId},
};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait};
use uuid::Uuid;

pub(crate) use charge::settle as charged;
pub(crate) use steps::{advance, fall_behind, settle};

use steps::Errand;

use crate::{
    Ctx, Result, Services,
    billing::{agreements, hold, orders, within::is_of},
    entity::{memberships, subscriptions},
    rounds::{self, Round},
};

/// How many subscriptions of an application one look takes.
const BATCH: u64 = 200;
/// After a provider did not answer, or did not say what became of a charge, it is asked again.
const AGAIN: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

/// See the module.
pub struct Engine<'a>(&'a Services);

impl Services {
    pub const fn engine(&self) -> Engine<'_> {
        Engine(self)
    }

    /// Does what is due, for as long as the server runs.
    pub async fn bill_forever(self) {
        rounds::forever(Billing(self)).await;
    }
}

#[derive(Clone)]
struct Billing(Services);

impl Round for Billing {
    type For = ApplicationId;

    const EVERY: Duration = Duration::from_secs(1);

    async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
        self.0.engine().waiting().await
    }

    async fn work(&self, application: ApplicationId) -> Result<bool> {
        self.0.engine().run(application).await
    }
}

impl Engine<'_> {
    /// Does what is due now, in every application. Several nodes may do so at once.
    ///
    /// # Errors
    /// The database's own. What goes wrong with one subscription is logged, and stops no other; where its provider is
    /// silent, what its application has behind it waits for the next look.
    pub async fn tick(&self) -> Result<()> {
        for application in self.waiting().await? {
            self.run(application).await?;
        }
        Ok(())
    }

    /// Does what is due in one application, until nothing is: a clock that was moved over months has everything behind
    /// it when this returns.
    ///
    /// # Errors
    /// As [`Self::tick`].
    pub async fn catch_up(&self, application: ApplicationId) -> Result<()> {
        while self.run(application).await? {}
        Ok(())
    }

    /// The applications in which something is due. One whose clock was moved is always looked at.
    async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
        let now = self.0.now();
        let ids: Vec<Uuid> = subscriptions::Entity::find()
            .select_only()
            .distinct()
            .column(memberships::Column::ApplicationId)
            .join(JoinType::InnerJoin, subscriptions::Relation::Membership.def())
            .filter(subscriptions::Column::DueAt.lte(now.timestamp_millis()))
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        let mut waiting = orders::expiring(self.0, now).await?;
        waiting.extend(ids.into_iter().map(ApplicationId::from));
        let directory = self.0.directory();
        waiting.extend(directory.applications.iter().filter(|(_, entry)| !entry.ahead.is_zero()).map(|(id, _)| *id));
        Ok(waiting)
    }

    /// One look at an application; whether it found as much as it takes.
    async fn run(&self, application: ApplicationId) -> Result<bool> {
        let now = self.0.billing_now(application);
        let due = self.due(application, now).await?;
        let mut more = due.len() as u64 == BATCH;
        let mut failed = 0;
        for member in due {
            let Err(error) = self.bring_up(member, now).await else { continue };
            failed += 1;
            tracing::warn!(%member, error = &error as &dyn std::error::Error, "a subscription stays behind");
            if let Err(error) = self.postpone(member, now).await {
                tracing::warn!(%member, error = &error as &dyn std::error::Error, "it is due all the same");
            }
            // The next one would wait for it as long: the next look knows what the time is then.
            if error.code() == ErrorCode::ProviderUnavailable {
                more = false;
                break;
            }
        }
        // Last, so that an order which ended with its subscription is not said to have run out later.
        orders::expire(self.0, application, now).await?;
        Ok(more && failed < BATCH)
    }

    async fn due(&self, application: ApplicationId, now: Timestamp) -> Result<Vec<MembershipId>> {
        use subscriptions::Column;
        let ids: Vec<Uuid> = subscriptions::Entity::find()
            .select_only()
            .column(Column::MembershipId)
            .filter(Column::DueAt.lte(now.timestamp_millis()))
            .filter(is_of(application))
            .order_by_asc(Column::DueAt)
            .limit(BATCH)
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    /// Brings one membership to where it stands at `now`.
    async fn bring_up(&self, member: MembershipId, now: Timestamp) -> Result<()> {
        let (mut begun, mut asked) = (Vec::new(), false);
        loop {
            let errand = self
                .0
                .transact(&Ctx::system(), move |tx| {
                    Box::pin(async move {
                        let mut hold = hold::lock_as_is(&tx, member).await?;
                        steps::run(&tx, &mut hold, now, asked).await
                    })
                })
                .await?;
            match errand {
                None => return Ok(()),
                // One whose outcome is not known is not asked about again at once.
                Some(Errand::Charge(charge)) if begun.contains(&charge.key) => {
                    return self.postpone(member, now).await;
                }
                Some(Errand::Charge(charge)) => {
                    begun.push(charge.key);
                    charge::carry_out(self.0, *charge).await?;
                }
                Some(Errand::Ask { provider, reference, until }) => {
                    if let Err(error) = self.ask(member, provider, &reference).await {
                        if until.is_none_or(|until| now < until) {
                            return Err(error);
                        }
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(%member, error, "a grace ends, and the provider could not be asked");
                    }
                    asked = true;
                }
            }
        }
    }

    /// Asks the provider that renews a subscription for news, and follows.
    async fn ask(&self, member: MembershipId, provider: Provider, reference: &str) -> Result<()> {
        let application = self.0.application_of(member).await?;
        match agreements::sync(self.0, application, provider, reference).await {
            // Keys that are gone or refused are no answer for ever.
            Err(error) if matches!(error.code(), ErrorCode::ProviderNotConfigured | ErrorCode::BadCredentials) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%member, error, "the provider that renews a subscription cannot be asked");
                Ok(())
            }
            // Whatever else went wrong says nothing of the period: it is asked again later.
            asked => asked,
        }
    }

    async fn postpone(&self, member: MembershipId, now: Timestamp) -> Result<()> {
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let hold = hold::lock_as_is(&tx, member).await?;
                    steps::look_again(&tx, &hold, Some(now + AGAIN)).await
                })
            })
            .await
    }
}
