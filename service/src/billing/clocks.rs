//! Billing time: the machine's, unless a test clock has moved an application ahead of it.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Timestamp,
    application::Provider,
    billing::{clock::ClockStep, ledger::Action},
    id::ApplicationId,
};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Ctx, Result, Services, entity::clocks, ledger::Entry};

/// See the module.
pub struct Clocks<'a>(pub(super) &'a Services);

impl Services {
    pub const fn clocks(&self) -> Clocks<'_> {
        Clocks(self)
    }

    /// The moment in an application's billing time, by which trials, periods, grace and expiries are told. Codes,
    /// sessions and tokens stay on the machine's own.
    pub fn billing_now(&self, application: ApplicationId) -> Timestamp {
        let now = self.now();
        self.directory().application(application).map_or(now, |entry| entry.billing_time(now))
    }
}

impl Clocks<'_> {
    /// Where an application's billing time stands.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn show(&self, ctx: &Ctx, application: ApplicationId) -> Result<Timestamp> {
        self.0.require_manager(ctx, application).await?;
        Ok(self.0.billing_now(application))
    }

    /// Moves an application's billing time forward. When this returns, everything that was due on the way is done.
    ///
    /// # Errors
    /// `SRV_002` unless the application collects in the sandbox, `APP_001` on the field `advance` beyond the calendar.
    pub async fn advance(&self, ctx: &Ctx, application: ApplicationId, step: ClockStep) -> Result<Timestamp> {
        self.go(ctx, application, step, None).await?;
        Ok(self.0.billing_now(application))
    }

    /// As [`Self::advance`], where it still runs ahead of the machine's by `seen`. Elsewhere it stays: the first of two
    /// clicks, or somebody else, has moved it. Says whether it moved.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn advance_from(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        seen: TimeDelta,
        step: ClockStep,
    ) -> Result<bool> {
        self.go(ctx, application, step, Some(seen)).await
    }

    async fn go(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        step: ClockStep,
        seen: Option<TimeDelta>,
    ) -> Result<bool> {
        let entry = self.0.require_manager(ctx, application).await?;
        if entry.application.settings.provider != Provider::Sandbox {
            let why = "only the sandbox has a clock that can be moved";
            return Err(Problem::new(ErrorCode::ProviderNotConfigured, why).into());
        }
        let moved = self
            .0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let row = clocks::Entity::find_by_id(application.get()).one(tx.db).await?;
                    let ahead = TimeDelta::milliseconds(row.map_or(0, |row| row.ahead_ms));
                    if seen.is_some_and(|seen| seen != ahead) {
                        return Ok(false);
                    }
                    let before = tx.now + ahead;
                    let range = || Problem::field("advance", Flaw::ClockStep);
                    let after = step.after(before).ok_or_else(range)?;
                    let row = clocks::ActiveModel {
                        application_id: Set(application.get()),
                        ahead_ms: Set((after - tx.now).num_seconds() * 1000),
                    };
                    let again = OnConflict::column(clocks::Column::ApplicationId)
                        .update_column(clocks::Column::AheadMs)
                        .to_owned();
                    clocks::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
                    let entry = Entry::new(Action::ClockAdvanced).application(application);
                    tx.log(entry.from(before).to(after)).await?;
                    Ok(true)
                })
            })
            .await?;
        self.0.engine().catch_up(application).await?;
        Ok(moved)
    }
}
