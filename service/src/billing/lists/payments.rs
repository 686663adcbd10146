//! Payments of an application.

use std::collections::HashMap;

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{
        payment::{Mode, Payment, Status},
        quote::Quote,
    },
    id::{ApplicationId, InvoiceId, OrderId, PaymentId, PlanId},
    identity::user::User,
    page::{Page, PageRequest},
};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, sea_query::ExprTrait};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{columns::PaymentColumn, holders};
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    entity::{invoices, memberships, orders, payments, users},
    sorted::{Part, sorted},
};

/// A payment with whose it is and what it is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedPayment {
    pub payment: Payment,
    pub user: User,
    /// The plan that it pays for.
    pub plan: PlanId,
    /// The quote of its order or invoice: what was shown.
    pub quote: Quote,
    pub order: Option<OrderId>,
    pub invoice: Option<InvoiceId>,
    pub provider: Provider,
    pub mode: Mode,
    /// The provider's name for it.
    pub reference: String,
    /// `Visa •••• 4242`; empty while nobody knows.
    pub method: String,
    /// What the application wanted to find again with its order.
    pub metadata: Option<Map<String, Value>>,
    pub created_at: Timestamp,
}

/// Which payments are asked for.
#[derive(Clone, Debug, Default)]
pub struct PaymentFilter {
    pub status: Option<Status>,
    /// Part of the payer's e-mail address or name, the provider's reference, or the id of the payment, its order or its
    /// invoice.
    pub search: Option<String>,
}

/// See the module.
pub struct PaymentList<'a>(&'a Services);

impl Services {
    pub const fn payment_list(&self) -> PaymentList<'_> {
        PaymentList(self)
    }
}

impl PaymentList<'_> {
    /// Payments, newest first.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn page(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        filter: &PaymentFilter,
        page: &PageRequest,
    ) -> Result<Page<ListedPayment>> {
        self.part(ctx, application, filter, &page.into()).await
    }

    /// Payments, sorted as somebody asks.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn part(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        filter: &PaymentFilter,
        part: &Part<PaymentColumn>,
    ) -> Result<Page<ListedPayment>> {
        self.0.require_manager(ctx, application).await?;
        use payments::Column;
        let by = part.sort.by;
        let all = payments::Entity::find().filter(Column::ApplicationId.eq(application.get()));
        let mut query = sorted(all, by.keys(), part.sort.direction, part.after.as_ref()).limit(part.limit + 1);
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            query = match Uuid::parse_str(text) {
                Ok(id) => query.filter(
                    Column::Id.eq(id).or(Column::OrderId.eq(id)).or(Column::InvoiceId.eq(id)).or(Column::Key.eq(id)),
                ),
                Err(_) => query
                    .join(JoinType::InnerJoin, payments::Relation::Membership.def())
                    .join(JoinType::InnerJoin, memberships::Relation::User.def())
                    .filter(users::named(text).add(Column::Reference.eq(text))),
            };
        }
        let rows = query.all(self.0.db.read()).await?;
        let page = Page::cut(rows, part.limit, |row| by.cursor(row));
        Ok(Page { items: self.listed(page.items).await?, next_cursor: page.next_cursor })
    }

    /// One payment of an application.
    ///
    /// # Errors
    /// As [`Self::page`]; `SUB_001` when there is none.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, id: PaymentId) -> Result<ListedPayment> {
        self.0.require_manager(ctx, application).await?;
        let row = payments::Entity::find_by_id(id.get())
            .filter(payments::Column::ApplicationId.eq(application.get()))
            .one(self.0.db.read())
            .await?;
        let mut found = self.listed(row.into_iter().collect()).await?;
        found.pop().ok_or_else(|| ErrorCode::PlanNotFound.into())
    }

    /// The rows with what they belong to: two more queries, however many they are.
    async fn listed(&self, rows: Vec<payments::Model>) -> Result<Vec<ListedPayment>> {
        let db = self.0.db.read();
        let users = holders(self.0, rows.iter().map(|row| row.membership_id)).await?;
        let mut quotes: HashMap<Uuid, String> = HashMap::new();
        let mut metadata: HashMap<Uuid, String> = HashMap::new();
        let of_orders: Vec<Uuid> = rows.iter().filter_map(|row| row.order_id).collect();
        if !of_orders.is_empty() {
            let own = orders::Entity::find().filter(orders::Column::Id.is_in(of_orders)).all(db).await?;
            for order in own {
                metadata.extend(order.metadata.map(|metadata| (order.id, metadata)));
                quotes.insert(order.id, order.quote);
            }
        }
        let of_invoices: Vec<Uuid> =
            rows.iter().filter(|row| row.order_id.is_none()).filter_map(|row| row.invoice_id).collect();
        if !of_invoices.is_empty() {
            let own = invoices::Entity::find().filter(invoices::Column::Id.is_in(of_invoices)).all(db).await?;
            quotes.extend(own.into_iter().map(|invoice| (invoice.id, invoice.quote)));
        }
        let broken = || Error::internal("a payment's row is not whole");
        rows.into_iter()
            .map(|row| {
                let quote = row.order_id.or(row.invoice_id).and_then(|id| quotes.get(&id)).ok_or_else(broken)?;
                let quote: Quote = domain::stored::read(quote).map_err(Error::internal)?;
                let metadata = row.order_id.and_then(|id| metadata.get(&id));
                Ok(ListedPayment {
                    payment: domain::stored::read(&row.known).map_err(Error::internal)?,
                    user: users.get(&row.membership_id).cloned().ok_or_else(broken)?,
                    plan: quote.plan_id,
                    quote,
                    order: row.order_id.map(Into::into),
                    invoice: row.invoice_id.map(Into::into),
                    provider: Provider::parse(&row.provider)?,
                    mode: Mode::parse(&row.mode).ok_or_else(broken)?,
                    reference: row.reference,
                    method: row.method,
                    metadata: metadata.map(|text| domain::stored::read(text)).transpose().map_err(Error::internal)?,
                    created_at: at(row.created_at),
                })
            })
            .collect()
    }
}
