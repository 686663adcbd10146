//! Lists of the dashboard as files, read page by page while they are sent.

use axum::response::Response;
use domain::{
    Timestamp,
    id::{ApplicationId, PlanId},
    page::{Page, PageRequest},
};
use futures::stream;
use service::{
    Ctx, Services,
    billing::lists::{
        columns::{PaymentColumn, SubscriptionColumn},
        payments::{ListedPayment, PaymentFilter},
        subscriptions::{ListedSubscription, SubscriptionFilter},
    },
    sorted::{Part, Sort, SortedBy},
};

use crate::http::csv;

const PAYMENTS: &str = "id,createdAt,status,amount,currency,refunded,email,name,userId,plan,for,method,provider,mode,\
    reference,orderId,invoiceId\r\n";
const SUBSCRIPTIONS: &str = "id,status,email,name,userId,plan,priceId,source,provider,startedAt,periodStart,periodEnd,\
    cancelAt,expiresAt\r\n";

/// What is asked for, and of whom.
#[derive(Clone)]
pub struct Export<F, C> {
    pub services: Services,
    pub ctx: Ctx,
    pub application: ApplicationId,
    pub filter: F,
    pub sort: Sort<C>,
}

/// Where reading goes on: before the first page, behind a cursor, or nowhere.
enum At {
    Start,
    After(String),
    End,
}

impl At {
    fn part<C: SortedBy>(&self, sort: Sort<C>) -> Option<Part<C>> {
        let after = match self {
            Self::Start => None,
            Self::After(cursor) => Some(sort.by.place(cursor)?),
            Self::End => return None,
        };
        Some(Part { sort, after, limit: PageRequest::MAX_LIMIT })
    }

    fn behind<T>(page: &Page<T>) -> Self {
        page.next_cursor.clone().map_or(Self::End, Self::After)
    }
}

/// Amounts are decimal numbers in the currency's main unit.
pub fn payments(export: Export<PaymentFilter, PaymentColumn>) -> Response {
    let pages = stream::try_unfold((export, At::Start), |(export, at)| async move {
        let Some(part) = at.part(export.sort) else { return Ok(None) };
        let Export { services, ctx, application, filter, .. } = &export;
        let page = services.payment_list().part(ctx, *application, filter, &part).await?;
        let next = At::behind(&page);
        let plans = Plans(services, *application);
        let lines: String = page.items.iter().map(|payment| csv::line(payment_cells(payment, &plans))).collect();
        Ok(Some((lines, (export, next))))
    });
    csv::stream("attachment; filename=\"payments.csv\"", PAYMENTS, pages)
}

pub fn subscriptions(export: Export<SubscriptionFilter, SubscriptionColumn>) -> Response {
    let pages = stream::try_unfold((export, At::Start), |(export, at)| async move {
        let Some(part) = at.part(export.sort) else { return Ok(None) };
        let Export { services, ctx, application, filter, .. } = &export;
        let page = services.subscription_list().part(ctx, *application, filter, &part).await?;
        let next = At::behind(&page);
        let plans = Plans(services, *application);
        let lines = page.items.iter().map(|held| csv::line(subscription_cells(held, &plans))).collect::<String>();
        Ok(Some((lines, (export, next))))
    });
    csv::stream("attachment; filename=\"subscriptions.csv\"", SUBSCRIPTIONS, pages)
}

/// The keys of an application's plans, deleted ones too.
struct Plans<'a>(&'a Services, ApplicationId);

impl Plans<'_> {
    fn key(&self, plan: PlanId) -> String {
        let directory = self.0.directory();
        directory.application(self.1).map(|entry| entry.plan_key(plan)).unwrap_or_default()
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn moment(at: Option<Timestamp>) -> String {
    text(at.map(|at| at.to_rfc3339()))
}

fn payment_cells(listed: &ListedPayment, plans: &Plans<'_>) -> [String; 17] {
    let payment = &listed.payment;
    [
        payment.id.to_string(),
        listed.created_at.to_rfc3339(),
        payment.state().status().as_str().into(),
        payment.amount.plain(),
        payment.amount.currency().code().into(),
        payment.refunded().plain(),
        listed.user.email.to_string(),
        text(listed.user.name.as_ref()),
        listed.user.id.to_string(),
        plans.key(listed.plan),
        listed.quote.kind.as_str().into(),
        listed.method.clone(),
        listed.provider.as_str().into(),
        listed.mode.as_str().into(),
        listed.reference.clone(),
        text(listed.order),
        text(listed.invoice),
    ]
}

fn subscription_cells(listed: &ListedSubscription, plans: &Plans<'_>) -> [String; 14] {
    let held = &listed.subscription;
    [
        held.id.to_string(),
        held.state.status().as_str().into(),
        listed.user.email.to_string(),
        text(listed.user.name.as_ref()),
        listed.user.id.to_string(),
        plans.key(held.plan_id),
        text(held.price_id),
        held.source.as_str().into(),
        text(listed.provider.map(|provider| provider.as_str())),
        held.started_at.to_rfc3339(),
        moment(held.period.map(|period| period.start)),
        moment(held.period.map(|period| period.end)),
        moment(held.cancel_at),
        moment(held.expires_at),
    ]
}
