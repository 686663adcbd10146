//! What a user's token contains, and why.

use domain::{
    Timestamp,
    billing::{entitlement::Entitlement, plan::Plan},
};
use leptos::prelude::*;
use serde_json::Value;
use service::identity::memberships::Member;

use crate::{
    admin::{
        claims::{Explained, Why, explain_claims, explain_features, of_entitlement},
        frame::Panel,
        moment::moment,
        rows,
    },
    i18n::Text,
    ui::CopyButton,
};

#[component]
pub fn Token(
    text: Text,
    member: Member,
    plan: Option<Plan>,
    entitlement: Entitlement,
    active: bool,
    now: Timestamp,
) -> impl IntoView {
    if !active {
        return view! { <Panel title=text.token_title()><p class="text-muted">{text.token_none()}</p></Panel> }
            .into_any();
    }
    let features = explain_features(&entitlement, &member.membership, plan.as_ref(), now);
    let claims = explain_claims(&entitlement, member.subscription.as_ref());
    let json = rows::pretty(&of_entitlement(&entitlement));
    let name = plan.map(|plan| plan.name.to_string()).unwrap_or_default();
    let copied = json.clone();
    let until = entitlement.valid_until.map(|at| text.valid_until(moment(text, at)));
    view! {
        <Panel title=text.token_title() body=text.token_body() id="token">
            <p class="flex flex-wrap gap-x-6 gap-y-1 text-sm">
                <span title=text.ent_ver_hint()><code>"ent_ver"</code>": "<b>{entitlement.ent_ver}</b></span>
                {until.map(|until| view! { <span>{until}</span> })}
            </p>
            <Explanation text label=text.feature() rows=features plan=name.clone() empty=text.no_features_now()/>
            {(!claims.is_empty()).then(|| view! { <Explanation text label=text.claim() rows=claims plan=name empty=String::new()/> })}
            <details class="min-w-0 rounded-box border border-line">
                <summary class="px-4 py-2.5 font-medium">{text.as_token()}</summary>
                <div class="grid min-w-0 gap-3 border-t border-line p-4">
                    <pre class="min-w-0 overflow-x-auto text-sm leading-relaxed" tabindex="0"><code>{json}</code></pre>
                    <div><CopyButton value=copied text/></div>
                </div>
            </details>
        </Panel>
    }
    .into_any()
}

/// Rows of name, value and reason.
#[component]
fn Explanation(text: Text, label: String, rows: Vec<Explained>, plan: String, empty: String) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="text-muted">{empty}</p> }.into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let why = reason(text, &row.why, &plan);
            view! {
                <tr class="max-md:grid max-md:grid-cols-1 max-md:py-2" role="row">
                    <th scope="row" class="py-1 pr-4 text-left align-top font-medium wrap-anywhere md:py-2" role="rowheader"><code class="wrap-anywhere">{row.key}</code></th>
                    <td class="break-all py-1 pr-4 align-top md:py-2" role="cell"><code>{shown(&row.value)}</code></td>
                    <td class="py-1 align-top text-muted wrap-anywhere md:py-2" role="cell">{why}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="w-full text-sm max-md:block md:table-fixed" role="table">
            <caption class="sr-only">{label.clone()}</caption>
            <thead class="border-b border-line text-left text-muted max-md:sr-only" role="rowgroup">
                <tr role="row">
                    <th scope="col" class="py-2 pr-4 font-medium" role="columnheader">{label}</th>
                    <th scope="col" class="py-2 pr-4 font-medium" role="columnheader">{text.value()}</th>
                    <th scope="col" class="py-2 font-medium" role="columnheader">{text.why()}</th>
                </tr>
            </thead>
            <tbody class="divide-y divide-line max-md:block" role="rowgroup">{rows}</tbody>
        </table>
    }
    .into_any()
}

fn shown(value: &Value) -> String {
    value.to_string()
}

fn reason(text: Text, why: &Why, plan: &str) -> String {
    match why {
        Why::Plan => text.why_plan(plan),
        Why::Override { until, instead } => {
            let over = until.map_or_else(|| text.why_override(), |at| text.why_override_until(moment(text, at)));
            match instead {
                Some(value) => format!("{over}; {}", text.why_instead(shown(value))),
                None => over,
            }
        }
        Why::Subscription => text.why_subscription(),
        Why::Price => text.why_price(),
        Why::Custom => text.why_custom(),
    }
}
