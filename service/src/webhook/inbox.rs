//! The inbox: a notification is verified on its raw bytes, stored, acknowledged, and handled afterwards. What it says
//! is only what to ask the provider about, and perhaps which card was kept, so that order, repetition and delay do not
//! matter. It names people: what was handled keeps its id and what it was about alone.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::Provider,
    id::{ApplicationId, OrderId},
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    Ctx, Error, Result, Services,
    billing::{agreements, payments},
    directory::ApplicationEntry,
    entity::{inbox, orders},
    payment::{Headers, Notification, Subject},
    rounds::{self, Round},
    tx::Tx,
};

/// How many of an application one look takes.
const BATCH: u64 = 50;
/// Who takes a notification has this long, before another takes it.
const CLAIM: TimeDelta = TimeDelta::minutes(2);
/// After so many attempts, some three days, a person has to look.
const ATTEMPTS: i32 = 80;
/// The longest wait between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// See the module.
pub struct Inbox<'a>(pub(super) &'a Services);

impl Services {
    pub const fn inbox(&self) -> Inbox<'_> {
        Inbox(self)
    }

    /// Handles notifications for as long as the server runs.
    pub async fn handle_notifications_forever(self) {
        rounds::forever(Handling(self)).await;
    }
}

#[derive(Clone)]
struct Handling(Services);

impl Round for Handling {
    type For = ApplicationId;

    const EVERY: Duration = Duration::from_millis(500);

    async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
        rounds::due::<inbox::Entity, _>(&self.0, inbox::Column::ApplicationId, inbox::Column::NextAt).await
    }

    async fn work(&self, application: ApplicationId) -> Result<bool> {
        Ok(self.0.inbox().work_in(application).await? == BATCH as usize)
    }
}

impl Inbox<'_> {
    /// Takes a notification: when this returns, it is stored and will be handled. One that was taken before changes
    /// nothing.
    ///
    /// # Errors
    /// `AUTH_003` when it is not the provider's, `APP_001` when it cannot be read, `SRV_002` without keys.
    pub async fn receive(
        &self,
        application: ApplicationId,
        provider: Provider,
        headers: &Headers,
        body: &[u8],
    ) -> Result<()> {
        let told = self.0.provider(application, provider)?.read(headers, body)?;
        let body = body.to_vec();
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move { store(&tx, application, provider, told, body).await })
            })
            .await
    }

    /// As [`Self::receive`], for every application whose keys say that it is the provider's: no settings of another keep it
    /// from there.
    ///
    /// # Errors
    /// As [`Self::receive`]; `APP_002` when no application uses the provider.
    pub async fn receive_of_any(&self, provider: Provider, headers: &Headers, body: &[u8]) -> Result<()> {
        let directory = self.0.directory();
        let uses = |entry: &&Arc<ApplicationEntry>| entry.application.settings.provider == provider;
        let users: Vec<_> = directory.applications.values().filter(uses).map(|entry| entry.application.id).collect();
        let (mut taken, mut refused, mut failed) = (false, ErrorCode::ApplicationNotFound, None);
        for application in users {
            match self.receive(application, provider, headers, body).await {
                Ok(()) => taken = true,
                // That it is not signed for one says more than that another has no keys.
                Err(Error::Problem(problem)) if refused != ErrorCode::BadCredentials => refused = problem.code,
                Err(Error::Problem(_)) => {}
                Err(internal) => failed = Some(internal),
            }
        }
        // The provider sends it again, to those who have it, too.
        match failed {
            Some(internal) => Err(internal),
            None if taken => Ok(()),
            None => Err(refused.into()),
        }
    }

    /// Handles what waits, and says how many that were.
    ///
    /// # Errors
    /// The database's own. What goes wrong with a notification is noted with it.
    pub async fn work(&self) -> Result<usize> {
        let mut handled = 0;
        for application in Handling(self.0.clone()).waiting().await? {
            handled += self.work_in(application).await?;
        }
        Ok(handled)
    }

    /// As [`Self::work`], for one application.
    async fn work_in(&self, application: ApplicationId) -> Result<usize> {
        let waiting = inbox::Entity::find()
            .filter(inbox::Column::ApplicationId.eq(application.get()))
            .filter(inbox::Column::NextAt.lte(self.0.now().timestamp_millis()))
            .order_by_asc(inbox::Column::NextAt)
            .order_by_asc(inbox::Column::Id)
            .limit(BATCH)
            .all(self.0.db.read())
            .await?;
        let mut handled = 0;
        for row in waiting {
            if self.claim(&row).await? {
                let outcome = self.handle(&row).await;
                self.close(row, outcome).await?;
                handled += 1;
            }
        }
        Ok(handled)
    }

    /// Handles a notification again, now. One that was handled is left alone.
    ///
    /// # Errors
    /// `SUB_001` when the application has none of that id, and what goes wrong with it.
    pub async fn retry(&self, ctx: &Ctx, application: ApplicationId, id: Uuid) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        let row = inbox::Entity::find_by_id(id)
            .filter(inbox::Column::ApplicationId.eq(application.get()))
            .one(self.0.db.read())
            .await?
            .ok_or(ErrorCode::PlanNotFound)?;
        if row.handled_at.is_some() {
            return Ok(());
        }
        self.handle(&row).await?;
        self.close(row, Ok(())).await
    }

    /// Takes it, unless another node was quicker.
    async fn claim(&self, row: &inbox::Model) -> Result<bool> {
        let (id, seen) = (row.id, row.next_at);
        let until = (self.0.now() + CLAIM).timestamp_millis();
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let taken = inbox::Entity::update_many()
                        .col_expr(inbox::Column::NextAt, Expr::value(until))
                        .filter(inbox::Column::Id.eq(id))
                        .filter(inbox::Column::NextAt.eq(seen))
                        .exec(tx.db)
                        .await?;
                    Ok(taken.rows_affected == 1)
                })
            })
            .await
    }

    async fn handle(&self, row: &inbox::Model) -> Result<()> {
        let application = ApplicationId::from(row.application_id);
        let provider = Provider::parse(&row.provider)?;
        match domain::stored::read(&row.subject).map_err(Error::internal)? {
            Subject::Payment(key) => {
                let order = orders::Entity::find_by_id(key).filter(orders::Column::ApplicationId.eq(application.get()));
                if order.one(self.0.db.read()).await?.is_some() {
                    self.0.orders().hear(OrderId::from(key), &row.body).await
                } else {
                    payments::refresh(self.0, application, provider, &Subject::Payment(key)).await
                }
            }
            subject @ (Subject::Reference(_) | Subject::Refund { .. }) => {
                payments::refresh(self.0, application, provider, &subject).await
            }
            Subject::Agreement(reference) => agreements::sync(self.0, application, provider, &reference).await,
            Subject::Nothing => Ok(()),
        }
    }

    async fn close(&self, row: inbox::Model, outcome: Result<()>) -> Result<()> {
        let now = self.0.now();
        let attempts = row.attempts.saturating_add(1);
        let (handled_at, next_at, error) = match outcome {
            Ok(()) => (Some(now.timestamp_millis()), None, None),
            Err(error) => {
                tracing::warn!(
                    event = row.event_id,
                    error = &error as &dyn std::error::Error,
                    "a notification could not be handled"
                );
                let wait = TimeDelta::seconds(5 << attempts.min(10)).min(LONGEST);
                let next = (attempts < ATTEMPTS).then(|| (now + wait).timestamp_millis());
                (None, next, Some(error.code().as_str().to_owned()))
            }
        };
        let row = inbox::ActiveModel {
            id: Unchanged(row.id),
            handled_at: Set(handled_at),
            attempts: Set(attempts),
            next_at: Set(next_at),
            error: Set(error),
            body: if handled_at.is_some() { Set(Vec::new()) } else { NotSet },
            ..Default::default()
        };
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    inbox::Entity::update(row).exec(tx.db).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Stores a notification; once for ever.
pub(crate) async fn store(
    tx: &Tx<'_>,
    application: ApplicationId,
    provider: Provider,
    told: Notification,
    body: Vec<u8>,
) -> Result<()> {
    let waits = told.subject != Subject::Nothing;
    let row = inbox::ActiveModel {
        id: Set(tx.id()),
        application_id: Set(application.get()),
        provider: Set(provider.as_str().into()),
        event_id: Set(told.event_id),
        subject: Set(serde_json::to_string(&told.subject).map_err(Error::internal)?),
        body: Set(if waits { body } else { Vec::new() }),
        received_at: Set(tx.millis()),
        handled_at: Set((!waits).then(|| tx.millis())),
        attempts: Set(0),
        next_at: Set(waits.then(|| tx.millis())),
        error: Set(None),
    };
    let columns = [inbox::Column::ApplicationId, inbox::Column::Provider, inbox::Column::EventId];
    let once = OnConflict::columns(columns).do_nothing().to_owned();
    inbox::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    Ok(())
}
