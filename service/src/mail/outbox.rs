//! The outbox: what was queued is sent by a job, once, and tried again while the mail server does not take it.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{Timestamp, id::ApplicationId};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{Failure, Kind, Outgoing};
use crate::{Ctx, Error, Result, Services, clock::at, crypto::Purpose, entity::mails, tx::Tx};

/// How often the server looks for what waits.
const EVERY: Duration = Duration::from_secs(1);
/// How many one look takes.
const BATCH: u64 = 50;
/// Who takes a mail has this long, before another takes it.
const CLAIM: TimeDelta = TimeDelta::minutes(5);
/// The longest wait between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(3);
/// A mail that could not be sent for so long is given up.
const GIVE_UP: TimeDelta = TimeDelta::days(3);

/// See the module.
pub struct Mails<'a>(&'a Services);

/// A mail that was queued, with what became of it.
#[derive(Clone, Debug)]
pub struct Queued {
    pub id: Uuid,
    pub kind: String,
    pub application: Option<ApplicationId>,
    pub mail: Outgoing,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

impl Services {
    pub const fn mails(&self) -> Mails<'_> {
        Mails(self)
    }

    /// Sends mails for as long as the server runs.
    pub async fn send_mails_forever(self) {
        loop {
            match self.mails().work().await {
                Ok(0) => tokio::time::sleep(EVERY).await,
                Ok(_) => (),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "mails could not be read");
                    tokio::time::sleep(EVERY).await;
                }
            }
        }
    }
}

impl Mails<'_> {
    /// Sends what waits, and says how many mails that were.
    ///
    /// # Errors
    /// The database's own. What goes wrong with a mail is noted with it.
    pub async fn work(&self) -> Result<usize> {
        let now = self.0.now().timestamp_millis();
        let waiting = mails::Entity::find()
            .filter(mails::Column::NextAt.lte(now))
            .order_by_asc(mails::Column::NextAt)
            .order_by_asc(mails::Column::Id)
            .limit(BATCH)
            .all(self.0.db.read())
            .await?;
        let mut taken = 0;
        for row in waiting {
            if self.claim(&row).await? {
                let outcome = self.send(&row).await;
                self.close(row, outcome).await?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Whether mails stay on this machine, where whoever may read its files may read them here too.
    pub fn stay_here(&self) -> bool {
        !self.0.mailer.leaves()
    }

    /// The newest mails of which the text is still there: those that wait and, where mails do not leave the machine,
    /// those that were written.
    ///
    /// # Errors
    /// `AUTH_011` for anybody but superadmins.
    pub async fn latest(&self, ctx: &Ctx) -> Result<Vec<Queued>> {
        self.0.require_superadmin(ctx)?;
        let rows = mails::Entity::find()
            .filter(mails::Column::Sealed.is_not_null())
            .order_by_desc(mails::Column::Id)
            .limit(BATCH)
            .all(self.0.db.read())
            .await?;
        rows.into_iter().map(|row| self.queued(row)).collect()
    }

    fn queued(&self, row: mails::Model) -> Result<Queued> {
        Ok(Queued {
            id: row.id,
            application: row.application_id.map(Into::into),
            mail: self.open(&row)?,
            kind: row.kind,
            created_at: at(row.created_at),
            sent_at: row.sent_at.map(at),
        })
    }

    fn open(&self, row: &mails::Model) -> Result<Outgoing> {
        let plain = row.sealed.as_deref().and_then(|sealed| self.0.vault.open(Purpose::Mail, sealed));
        let plain = plain.ok_or_else(|| Error::internal("this secret key does not open the mail"))?;
        domain::stored::read_bytes(&plain).map_err(Error::internal)
    }

    /// Takes it, unless another node was quicker.
    async fn claim(&self, row: &mails::Model) -> Result<bool> {
        let (id, seen) = (row.id, row.next_at);
        let until = (self.0.now() + CLAIM).timestamp_millis();
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let taken = mails::Entity::update_many()
                        .col_expr(mails::Column::NextAt, Expr::value(until))
                        .filter(mails::Column::Id.eq(id))
                        .filter(mails::Column::NextAt.eq(seen))
                        .exec(tx.db)
                        .await?;
                    Ok(taken.rows_affected == 1)
                })
            })
            .await
    }

    async fn send(&self, row: &mails::Model) -> Result<(), Failure> {
        let mail = self.open(row).map_err(|error| Failure::Later(error.into()))?;
        let message = mail.message(row.id, row.created_at, &self.0.settings.mail.from)?;
        self.0.mailer.send(row.id, &message).await
    }

    /// What was sent, or never will be, is not kept where it went out: its links are the reader's.
    async fn close(&self, row: mails::Model, outcome: Result<(), Failure>) -> Result<()> {
        let now = self.0.now();
        let attempts = row.attempts.saturating_add(1);
        let wait = TimeDelta::seconds(15 << attempts.min(12)).min(LONGEST);
        let again = Some(now + wait).filter(|next| *next < at(row.created_at) + GIVE_UP);
        let (sent_at, next_at, error) = match outcome {
            Ok(()) => (Some(now.timestamp_millis()), None, None),
            Err(failure) => {
                let told = std::error::Error::source(&failure)
                    .map_or_else(String::new, |error| without_addresses(&error.to_string()));
                let next = again.filter(|_| matches!(failure, Failure::Later(_)));
                tracing::warn!(mail = %row.id, error = told, given_up = next.is_none(), "a mail could not be sent");
                (None, next.map(|next| next.timestamp_millis()), Some(told))
            }
        };
        let keeps = next_at.is_some() || !self.0.mailer.leaves();
        let row = mails::ActiveModel {
            id: Unchanged(row.id),
            sealed: Set(row.sealed.filter(|_| keeps)),
            attempts: Set(attempts),
            next_at: Set(next_at),
            sent_at: Set(sent_at),
            error: Set(error),
            ..Default::default()
        };
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    mails::Entity::update(row).exec(tx.db).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// What a mail server says, without the addresses that it repeats: this goes into logs and stays longer than the mail.
fn without_addresses(words: &str) -> String {
    let words: Vec<_> = words.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ")
}

/// Writes a mail into the outbox.
pub(super) async fn store(tx: &Tx<'_>, kind: Kind, application: Option<ApplicationId>, mail: &Outgoing) -> Result<()> {
    let plain = serde_json::to_vec(mail).map_err(Error::internal)?;
    let row = mails::ActiveModel {
        id: Set(tx.id()),
        application_id: Set(application.map(ApplicationId::get)),
        kind: Set(kind.as_str().into()),
        sealed: Set(Some(tx.services.vault.seal(Purpose::Mail, &plain, &*tx.services.rng))),
        created_at: Set(tx.millis()),
        attempts: Set(0),
        next_at: Set(Some(tx.millis())),
        sent_at: Set(None),
        error: Set(None),
    };
    mails::Entity::insert(row).exec_without_returning(tx.db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_refusal_names_nobody() {
        let refusal = "permanent error (550): 5.1.1 <somebody@example.org>: Recipient address\r\nrejected";
        assert_eq!(without_addresses(refusal), "permanent error (550): 5.1.1 … Recipient address rejected");
    }
}
