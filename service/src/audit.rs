//! Reading the ledger, newest first.

use domain::{
    ErrorCode, Problem,
    billing::ledger::{Action, Actor, Entry},
    id::{ApplicationId, UserId},
    page::{Page, PageRequest},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{Ctx, Error, Result, Services, clock::at, db::besides, entity::ledger};

/// Which entries are asked for; `None` for all.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub application: Option<ApplicationId>,
    pub user: Option<UserId>,
    pub action: Option<Action>,
}

/// See the module.
pub struct Audit<'a>(&'a Services);

impl Services {
    pub const fn audit(&self) -> Audit<'_> {
        Audit(self)
    }
}

impl Audit<'_> {
    /// Entries of the ledger, newest first. An admin sees those of the applications that they administer.
    ///
    /// # Errors
    /// `APP_002` for an application of others, and as [`Services::administered`].
    pub async fn list(&self, ctx: &Ctx, filter: AuditFilter, page: &PageRequest) -> Result<Page<Entry>> {
        let own = self.0.administered(ctx).await?;
        let mut query = ledger::Entity::find().order_by_desc(ledger::Column::Id);
        match (filter.application, own) {
            (Some(id), Some(own)) if !own.contains(&id) => return Err(ErrorCode::ApplicationNotFound.into()),
            (Some(id), _) => query = query.filter(ledger::Column::ApplicationId.eq(id.get())),
            (None, Some(own)) => {
                query = query.filter(ledger::Column::ApplicationId.is_in(own.into_iter().map(ApplicationId::get)));
            }
            (None, None) => {}
        }
        if let Some(user) = filter.user {
            query = query.filter(ledger::Column::UserId.eq(user.get()));
        }
        if let Some(action) = filter.action {
            // Of one user the ledger holds little, of an action much.
            query = query.filter(match filter.user {
                Some(_) => besides(ledger::Column::Action, [action.as_str()]),
                None => ledger::Column::Action.eq(action.as_str()),
            });
        }
        if let Some(after) = page.after {
            query = query.filter(ledger::Column::Id.lt(after));
        }
        let rows = query.limit(page.limit + 1).all(self.0.db.read()).await?;
        let page = Page::cut(rows, page.limit, |row| row.id);
        let items = page.items.into_iter().map(entry).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }
}

pub(crate) fn entry(row: ledger::Model) -> Result<Entry> {
    let json = |text: Option<String>| text.map(|text| domain::stored::read(&text)).transpose().map_err(Error::internal);
    Ok(Entry {
        id: row.id.into(),
        at: at(row.at),
        actor: actor(&row.actor_kind, row.actor_id)?,
        action: Action::parse(&row.action).ok_or_else(|| Error::internal("unknown action"))?,
        application_id: row.application_id.map(Into::into),
        user_id: row.user_id.map(Into::into),
        from: json(row.before_json)?,
        to: json(row.after_json)?,
        reason: row.reason,
        idempotency_key: row.idempotency_key,
        request_id: row.request_id,
    })
}

fn actor(kind: &str, id: Option<Uuid>) -> Result<Actor> {
    Ok(match (kind, id) {
        ("anonymous", _) => Actor::Anonymous,
        ("user", Some(id)) => Actor::User(id.into()),
        ("api_key", Some(id)) => Actor::ApiKey(id.into()),
        ("client", Some(id)) => Actor::Client(id.into()),
        ("operator", _) => Actor::Operator,
        ("system", _) => Actor::System,
        _ => return Err(Error::internal("unknown actor")),
    })
}

/// An action by its name.
///
/// # Errors
/// `APP_001` on the field `action`.
pub fn parse_action(text: &str) -> Result<Action, Problem> {
    Action::parse(text).ok_or_else(|| Problem::field("action", "is not an action of the ledger"))
}
