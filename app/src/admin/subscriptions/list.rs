//! `/dashboard/{slug}/subscriptions`: search, filter, pages, export.

use std::sync::Arc;

use domain::{
    Money, Timestamp,
    billing::{
        plan::PlanKey,
        price::{Interval, Price},
        subscription::{State, Status, Subscription},
    },
    page::Page,
};
use leptos::prelude::*;
use service::{
    billing::lists::{columns::SubscriptionColumn, subscriptions::ListedSubscription},
    directory::ApplicationEntry,
    sorted::Sort,
};

use super::cancel;
use crate::{
    admin::{
        frame::{Dashboard, Frame, Section},
        list::{CELL, CardTable, Chip, Chips, DATE, HEAD, Heading, NAME, Pager, ROW, SortChips, address, sort_value},
        plan_filter::PlanFilter,
    },
    i18n::Text,
    ui::{Button, ButtonLink, EmptyState, Field, Glyph, Look, StatusBadge},
};

/// What the address asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub search: String,
    pub status: Option<Status>,
    pub plan: Option<PlanKey>,
    pub sort: Sort<SubscriptionColumn>,
    /// Whether this is not the first page.
    pub later: bool,
}

impl Query {
    const fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.status.is_some() || self.plan.is_some()
    }

    fn href(&self, base: &str, status: Option<Status>, more: &[(&str, &str)]) -> String {
        let plan = self.plan.as_ref().map_or("", |key| key.as_str());
        let (status, sort) = (status.map_or("", Status::as_str), sort_value(self.sort));
        let mut filters =
            vec![("q", self.search.as_str()), ("plan", plan), ("status", status), ("sort", sort.as_str())];
        filters.extend(more);
        address(base, &filters)
    }

    fn headings(&self, text: Text, base: &str) -> Vec<Heading> {
        let sorted = |label: String, column: SubscriptionColumn| {
            let href = |sort| Self { sort, ..self.clone() }.href(base, self.status, &[]);
            Heading::sorted(label, column, self.sort, href)
        };
        vec![
            text.user().into(),
            text.users_plan().into(),
            text.status().into(),
            sorted(text.period_ends(), SubscriptionColumn::PeriodEnd),
            sorted(text.started(), SubscriptionColumn::Started),
        ]
    }
}

#[component]
pub fn SubscriptionsPage(
    frame: Frame,
    subscriptions: Page<ListedSubscription>,
    query: Query,
    now: Timestamp,
) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Subscriptions);
    let cursor = subscriptions.next_cursor.clone();
    let next = cursor.map(|cursor| query.href(&base, query.status, &[("cursor", &cursor)]));
    let first = query.later.then(|| query.href(&base, query.status, &[]));
    let export = query.href(&base, query.status, &[("format", "csv")]);
    let any = !subscriptions.items.is_empty();
    let filters = any || query.is_filtered() || query.later;
    let list = if any {
        let headings = query.headings(text, &base);
        view! {
            <SortChips text headings=headings.clone()/>
            <List frame=frame.clone() subscriptions=subscriptions.items headings now base=base.clone()/>
        }
        .into_any()
    } else {
        let (title, body) = if filters {
            (text.nothing_matches(), text.nothing_matches_body())
        } else {
            (text.subscriptions_none_title(), text.subscriptions_none_body())
        };
        view! { <EmptyState glyph=Glyph::Renew title body/> }.into_any()
    };
    let actions = move || {
        any.then(|| {
            view! { <ButtonLink href=export.clone() look=Look::Secondary small=true>{text.export_csv()}</ButtonLink> }
        })
    };
    let filter = filters.then(|| view! { <Filter frame=frame.clone() query base/> });
    view! {
        <Dashboard frame title=text.section_subscriptions() section=Section::Subscriptions actions>
            {filter}
            {list}
            <Pager text first next/>
        </Dashboard>
    }
}

#[component]
fn Filter(frame: Frame, query: Query, base: String) -> impl IntoView {
    let text = frame.text();
    let chip = |status: Option<Status>| Chip {
        label: status.map_or_else(|| text.all_of_them(), |status| status_label(text, status)),
        href: query.href(&base, status, &[]),
        current: query.status == status,
    };
    let chips = std::iter::once(None).chain(Status::ALL.map(Some)).map(chip).collect();
    let narrowed = !query.search.is_empty() || query.plan.is_some();
    let sorted = Some(sort_value(query.sort)).filter(|sort| !sort.is_empty());
    let clear = narrowed.then(|| Query { sort: query.sort, ..Query::default() }.href(&base, query.status, &[]));
    view! {
        <div class="grid gap-4">
            <form method="get" action=base.clone() class="flex flex-wrap items-end gap-3" role="search">
                {query.status.map(|status| view! { <input type="hidden" name="status" value=status.as_str()/> })}
                {sorted.map(|sort| view! { <input type="hidden" name="sort" value=sort/> })}
                <div class="min-w-0 flex-1 basis-64">
                    <Field name="q" kind="search" label=text.subscriptions_search() value=query.search.clone() maxlength=200 autocomplete="off"/>
                </div>
                <PlanFilter frame chosen=query.plan/>
                <Button look=Look::Secondary>{text.search()}</Button>
                {clear.map(|href| view! { <ButtonLink href look=Look::Quiet>{text.clear_filter()}</ButtonLink> })}
            </form>
            <Chips label=text.status() chips/>
        </div>
    }
}

fn status_label(text: Text, status: Status) -> String {
    match status {
        Status::Incomplete => text.status_incomplete(),
        Status::Trialing => text.status_trialing(),
        Status::Active => text.status_active(),
        Status::PastDue => text.status_past_due(),
        Status::Paused => text.status_paused(),
        Status::Canceled => text.status_canceled(),
        Status::Expired => text.status_expired(),
    }
}

#[component]
fn List(
    frame: Frame,
    subscriptions: Vec<ListedSubscription>,
    headings: Vec<Heading>,
    now: Timestamp,
    base: String,
) -> impl IntoView {
    let text = frame.text();
    let action = format!("{base}/{}", cancel::PATH);
    let can_cancel = |held: &Subscription| held.is_billed() && held.is_live(now);
    let any = subscriptions.iter().any(|listed| can_cancel(&listed.subscription));
    let rows = subscriptions
        .into_iter()
        .map(|listed| {
            let entry = frame.current.as_ref();
            let held = listed.subscription;
            let plan = entry.map(|entry| entry.plan_name(held.plan_id));
            let price = entry.and_then(|entry| entry.billed_price(&held));
            let charge = entry.and_then(|entry| next_charge(entry, &held, now));
            let charge = charge.map(|(at, money)| text.next_charge_line(text.money(money), text.date(at)));
            let end = held.period.map_or_else(|| "–".to_owned(), |period| text.date(period.end));
            let (name, email) = (listed.user.display_name().to_owned(), listed.user.email.to_string());
            let href = format!("{base}/{}", held.id);
            let select = can_cancel(&held).then(|| view! {
                <input
                    class="relative z-10 size-6 flex-none accent-brand"
                    type="checkbox"
                    name=cancel::ID
                    value=held.id.to_string()
                    aria-label=text.select_subscription(&name)
                />
            });
            view! {
                <tr class=ROW role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <div class="flex items-start gap-3 md:min-w-52">
                            {select}
                            <div class="min-w-0">
                                <a class="font-medium after:absolute after:inset-0" href=href dir="auto">{name.clone()}</a>
                                {(name != email).then(|| view! { <p class="wrap-anywhere text-sm text-muted">{email}</p> })}
                            </div>
                        </div>
                    </th>
                    <td class=CELL data-label=text.users_plan() role="cell">
                        <div class="min-w-0 max-md:text-right">
                            <p class=NAME dir="auto">{plan.unwrap_or_default()}</p>
                            <p class="text-sm text-muted">{price_label(text, price)}</p>
                        </div>
                    </td>
                    <td class=CELL data-label=text.status() role="cell">
                        // Beside the dates there is no room for a long one on one line.
                        <span class="min-w-0 [&_.badge]:whitespace-normal">
                            <StatusBadge subscription=held.clone() text now/>
                        </span>
                    </td>
                    <td class=CELL data-label=text.period_ends() role="cell">
                        <div class="min-w-0 max-md:text-right">
                            <p class=DATE>{end}</p>
                            {charge.map(|charge| view! { <p class="text-sm text-muted">{charge}</p> })}
                        </div>
                    </td>
                    <td class=CELL data-label=text.started() role="cell"><span class=DATE>{text.date(held.started_at)}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <form method="get" action=action class="grid gap-4">
            <CardTable caption=text.section_subscriptions() columns=headings>{rows}</CardTable>
            {any.then(|| view! { <div><Button look=Look::Secondary small=true>{text.cancel_selected()}</Button></div> })}
        </form>
    }
}

/// `$9.99 per month`.
pub fn price_label(text: Text, price: Option<&Price>) -> String {
    let Some(price) = price else { return text.not_billed() };
    let money = text.money(price.money);
    match price.interval {
        Interval::Month => text.price_per_month(money),
        Interval::Year => text.price_per_year(money),
        Interval::OneTime => text.desk_price_once(money),
    }
}

/// The next charge by the price, before credit and discounts: what is scheduled counts, and nothing after an end.
pub fn next_charge(entry: &Arc<ApplicationEntry>, held: &Subscription, now: Timestamp) -> Option<(Timestamp, Money)> {
    let held = held.clone().settle(now);
    let at = match held.state {
        State::Trialing { ends_at } => ends_at,
        State::Active => held.period?.end,
        _ => return None,
    };
    if held.scheduled_end().is_some_and(|end| end.at <= at) {
        return None;
    }
    let (plan, price) = match held.scheduled.filter(|change| change.at <= at) {
        Some(change) => (change.plan_id, change.price_id),
        None => (held.plan_id, held.price_id),
    };
    let price = entry.plan(plan)?.prices.iter().find(|own| Some(own.id) == price)?;
    (price.interval != Interval::OneTime && !price.money.is_zero()).then_some((at, price.money))
}
