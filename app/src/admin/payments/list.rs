//! `/dashboard/{slug}/payments`: search, filter, pages, export.

use domain::{billing::payment::Status, page::Page};
use leptos::prelude::*;
use service::{
    billing::lists::{columns::PaymentColumn, payments::ListedPayment},
    sorted::Sort,
};

use super::sum::purchase;
use crate::{
    admin::{
        frame::{Dashboard, Frame, Section},
        list::{CELL, CardTable, Chip, Chips, HEAD, Heading, NAME, Pager, ROW, SortChips, address, sort_value},
        moment::moment,
    },
    i18n::Text,
    ui::{Button, ButtonLink, EmptyState, Field, Glyph, Icon, Look, PaymentBadge, payment_status},
};

/// What the address asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub search: String,
    pub status: Option<Status>,
    pub sort: Sort<PaymentColumn>,
    /// Whether this is not the first page.
    pub later: bool,
}

impl Query {
    const fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.status.is_some()
    }

    fn href(&self, base: &str, status: Option<Status>, more: &[(&str, &str)]) -> String {
        let sort = sort_value(self.sort);
        let mut filters =
            vec![("q", self.search.as_str()), ("status", status.map_or("", Status::as_str)), ("sort", sort.as_str())];
        filters.extend(more);
        address(base, &filters)
    }

    fn headings(&self, text: Text, base: &str) -> Vec<Heading> {
        let sorted = |label: String, column: PaymentColumn| {
            let href = |sort| Self { sort, ..self.clone() }.href(base, self.status, &[]);
            Heading::sorted(label, column, self.sort, href)
        };
        vec![
            sorted(text.payment_amount(), PaymentColumn::Amount),
            text.status().into(),
            text.user().into(),
            text.payment_for().into(),
            sorted(text.payment_date(), PaymentColumn::Date),
        ]
    }
}

#[component]
pub fn PaymentsPage(frame: Frame, payments: Page<ListedPayment>, query: Query) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Payments);
    let cursor = payments.next_cursor.clone();
    let next = cursor.map(|cursor| query.href(&base, query.status, &[("cursor", &cursor)]));
    let first = query.later.then(|| query.href(&base, query.status, &[]));
    let export = query.href(&base, query.status, &[("format", "csv")]);
    let any = !payments.items.is_empty();
    let settings = format!("{}/payments", frame.href(Section::Settings));
    let list = if any {
        let headings = query.headings(text, &base);
        view! {
            <SortChips text headings=headings.clone()/>
            <List frame=frame.clone() payments=payments.items headings base=base.clone()/>
        }
        .into_any()
    } else if query.is_filtered() || query.later {
        let (title, body) = (text.nothing_matches(), text.nothing_matches_body());
        view! { <EmptyState glyph=Glyph::Card title body/> }.into_any()
    } else {
        let settings = settings.clone();
        view! {
            <EmptyState glyph=Glyph::Card title=text.payments_none_title() body=text.payments_none_body()>
                <ButtonLink href=settings look=Look::Secondary>{text.payments_settings()}</ButtonLink>
            </EmptyState>
        }
        .into_any()
    };
    let filters = any || query.is_filtered() || query.later;
    let actions = move || {
        view! {
            <div class="flex flex-wrap gap-3">
                {any.then(|| view! {
                    <ButtonLink href=export.clone() look=Look::Secondary small=true>{text.export_csv()}</ButtonLink>
                })}
                <ButtonLink href=settings.clone() look=Look::Secondary small=true>
                    <Icon glyph=Glyph::Gear/>
                    {text.payments_settings()}
                </ButtonLink>
            </div>
        }
    };
    view! {
        <Dashboard frame title=text.section_payments() section=Section::Payments actions>
            {filters.then(|| view! { <Filter text query base/> })}
            {list}
            <Pager text first next/>
        </Dashboard>
    }
}

#[component]
fn Filter(text: Text, query: Query, base: String) -> impl IntoView {
    let chip = |status: Option<Status>| Chip {
        label: status.map_or_else(|| text.all_of_them(), |status| payment_status(text, status)),
        href: query.href(&base, status, &[]),
        current: query.status == status,
    };
    let chips = std::iter::once(None).chain(Status::ALL.map(Some)).map(chip).collect();
    let sorted = Some(sort_value(query.sort)).filter(|sort| !sort.is_empty());
    let clear = (!query.search.is_empty())
        .then(|| Query { sort: query.sort, ..Query::default() }.href(&base, query.status, &[]));
    view! {
        <div class="grid gap-4">
            <form method="get" action=base.clone() class="flex flex-wrap items-end gap-3" role="search">
                {query.status.map(|status| view! { <input type="hidden" name="status" value=status.as_str()/> })}
                {sorted.map(|sort| view! { <input type="hidden" name="sort" value=sort/> })}
                <div class="min-w-0 flex-1 basis-64">
                    <Field name="q" kind="search" label=text.payments_search() value=query.search.clone() maxlength=200 autocomplete="off"/>
                </div>
                <Button look=Look::Secondary>{text.search()}</Button>
                {clear.map(|href| view! { <ButtonLink href look=Look::Quiet>{text.clear_filter()}</ButtonLink> })}
            </form>
            <Chips label=text.status() chips/>
        </div>
    }
}

#[component]
fn List(frame: Frame, payments: Vec<ListedPayment>, headings: Vec<Heading>, base: String) -> impl IntoView {
    let text = frame.text();
    let rows = payments
        .into_iter()
        .map(|listed| {
            let plan = frame.current.as_ref().map(|entry| entry.plan_name(listed.plan)).unwrap_or_default();
            let status = listed.payment.state().status();
            let (name, email) = (listed.user.display_name().to_owned(), listed.user.email.to_string());
            view! {
                <tr class=ROW role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <a class="font-medium tabular-nums after:absolute after:inset-0" href=format!("{base}/{}", listed.payment.id)>
                            {text.money(listed.payment.amount)}
                        </a>
                    </th>
                    <td class=CELL data-label=text.status() role="cell"><PaymentBadge text status/></td>
                    <td class=CELL data-label=text.user() role="cell">
                        <div class="min-w-0 max-md:text-right">
                            <p class=NAME dir="auto">{name.clone()}</p>
                            {(name != email).then(|| view! { <p class="break-all text-sm text-muted">{email}</p> })}
                        </div>
                    </td>
                    <td class=CELL data-label=text.payment_for() role="cell">
                        <div class="min-w-0 max-md:text-right">
                            <p class=NAME dir="auto">{plan}</p>
                            <p class="text-sm text-muted">{purchase(text, listed.quote.kind)}</p>
                        </div>
                    </td>
                    <td class=CELL data-label=text.payment_date() role="cell">{moment(text, listed.created_at)}</td>
                </tr>
            }
        })
        .collect_view();
    view! { <CardTable caption=text.section_payments() columns=headings>{rows}</CardTable> }
}
