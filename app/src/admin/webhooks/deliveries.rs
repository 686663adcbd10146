//! `/dashboard/{slug}/webhooks/{id}/deliveries`: filter and pages.

use domain::{
    page::Page,
    webhook::{
        delivery::{Delivery, DeliveryStatus},
        endpoint::Endpoint,
    },
};
use leptos::prelude::*;

use super::state::{DeliveryBadge, outcome, status_label};
use crate::{
    admin::{
        frame::{Crumb, Dashboard, Frame, Section},
        list::{CELL, CardTable, Chip, Chips, HEAD, Pager, ROW, address},
        moment::moment,
    },
    i18n::Text,
    ui::{EmptyState, Glyph},
};

/// What the address asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query {
    pub status: Option<DeliveryStatus>,
    /// Whether this is not the first page.
    pub later: bool,
}

#[component]
pub fn DeliveriesPage(frame: Frame, endpoint: Endpoint, deliveries: Page<Delivery>, query: Query) -> impl IntoView {
    let text = frame.text();
    let own = format!("{}/{}", frame.href(Section::Webhooks), endpoint.id);
    let base = format!("{own}/deliveries");
    let href = |status: Option<DeliveryStatus>, cursor: &str| {
        address(&base, &[("status", status.map_or("", DeliveryStatus::as_str)), ("cursor", cursor)])
    };
    let next = deliveries.next_cursor.as_ref().map(|cursor| href(query.status, cursor));
    let first = query.later.then(|| href(query.status, ""));
    let filtered = query.status.is_some() || query.later;
    let any = !deliveries.items.is_empty();
    let chips = (any || filtered).then(|| {
        let chip = |status: Option<DeliveryStatus>| Chip {
            label: status.map_or_else(|| text.all_of_them(), |status| status_label(text, status)),
            href: href(status, ""),
            current: query.status == status,
        };
        let chips: Vec<_> = std::iter::once(None).chain(DeliveryStatus::ALL.map(Some)).map(chip).collect();
        view! { <Chips label=text.status() chips/> }
    });
    let list = if any {
        view! { <List text deliveries=deliveries.items base=base.clone()/> }.into_any()
    } else {
        let (title, body) = if filtered {
            (text.nothing_matches(), text.nothing_matches_body())
        } else {
            (text.deliveries_none_title(), text.deliveries_none_body())
        };
        view! { <EmptyState glyph=Glyph::Send title body/> }.into_any()
    };
    let crumbs = vec![Crumb::new(endpoint.url.to_string(), own)];
    view! {
        <Dashboard frame title=text.deliveries() section=Section::Webhooks crumbs>
            <p class="-mt-3 text-pretty text-muted">{text.deliveries_body()}</p>
            {chips}
            {list}
            <Pager text first next/>
        </Dashboard>
    }
}

#[component]
fn List(text: Text, deliveries: Vec<Delivery>, base: String) -> impl IntoView {
    let rows = deliveries
        .into_iter()
        .map(|delivery| {
            view! {
                <tr class=ROW role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <a class="font-medium after:absolute after:inset-0" href=format!("{base}/{}", delivery.id)>
                            <code>{delivery.event.as_str()}</code>
                        </a>
                    </th>
                    <td class=CELL data-label=text.status() role="cell">
                        <DeliveryBadge text status=delivery.state.status()/>
                    </td>
                    <td class=CELL data-label=text.delivery_answer() role="cell">{outcome(text, delivery.last.as_ref())}</td>
                    <td class=format!("{CELL} tabular-nums") data-label=text.delivery_attempts() role="cell">{delivery.attempts}</td>
                    <td class=CELL data-label=text.delivery_date() role="cell">{moment(text, delivery.created_at)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        text.delivery_event(),
        text.status(),
        text.delivery_answer(),
        text.delivery_attempts(),
        text.delivery_date(),
    ];
    view! { <CardTable caption=text.deliveries() columns>{rows}</CardTable> }
}
