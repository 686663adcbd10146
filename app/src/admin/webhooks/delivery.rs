//! `/dashboard/{slug}/webhooks/{id}/deliveries/{delivery}`: the request, and what was answered.

use domain::webhook::{
    delivery::{Attempt, Delivery, DeliveryState},
    endpoint::Endpoint,
};
use leptos::prelude::*;
use serde_json::Value;

use super::state::{DeliveryBadge, outcome};
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Copyable, Crumb, Dashboard, Frame, Pairs, Panel, Section},
        moment::moment,
        rows,
    },
    i18n::Text,
    ui::{Button, CopyButton, ErrorSummary, Look},
};

#[component]
pub fn DeliveryPage(
    frame: Frame,
    endpoint: Endpoint,
    delivery: Delivery,
    /// Those that every attempt carries.
    headers: Vec<(String, String)>,
    /// As it is sent, byte for byte.
    body: String,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let own = format!("{}/{}", frame.href(Section::Webhooks), endpoint.id);
    let crumbs = vec![
        Crumb::new(endpoint.url.to_string(), own.clone()),
        Crumb::new(text.deliveries(), format!("{own}/deliveries")),
    ];
    let last = delivery.last.clone();
    view! {
        <Dashboard frame title=delivery.event.as_str() section=Section::Webhooks crumbs>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <div class="grid items-start gap-6 xl:grid-cols-2">
                <Facts text delivery on=endpoint.state.is_enabled()/>
                <Answer text last/>
            </div>
            <Request text url=endpoint.url.to_string() headers body/>
        </Dashboard>
    }
}

/// How it stands, and the way to send it again while its endpoint is `on`.
#[component]
fn Facts(text: Text, delivery: Delivery, on: bool) -> impl IntoView {
    let then = match delivery.state {
        DeliveryState::Waiting { next_at } if on => Some((text.delivery_next(), moment(text, next_at))),
        DeliveryState::Waiting { .. } => Some((text.delivery_next(), text.delivery_next_off())),
        DeliveryState::Delivered { at } => Some((text.delivery_delivered(), moment(text, at))),
        DeliveryState::Failed => None,
    };
    let rows = vec![
        Some((text.delivery_date(), moment(text, delivery.created_at))),
        Some((text.delivery_attempts(), delivery.attempts.to_string())),
        then,
    ];
    let again = if on {
        view! {
            <form method="post" class="flex flex-wrap items-center justify-between gap-3">
                <p class="min-w-0 flex-1 basis-64 text-pretty text-sm text-muted">{text.delivery_again_body()}</p>
                <Button look=Look::Secondary attr:name=ACTION attr:value="resend">{text.delivery_again()}</Button>
            </form>
        }
        .into_any()
    } else {
        view! { <p class="text-pretty text-sm text-muted">{text.delivery_endpoint_off()}</p> }.into_any()
    };
    view! {
        <Panel title=text.delivery() body=text.event(delivery.event)>
            <p><DeliveryBadge text status=delivery.state.status()/></p>
            <Pairs rows/>
            <Copyable text label=text.delivery_event_id() value=delivery.event_id.to_string()/>
            <div class="border-t border-line pt-4">{again}</div>
        </Panel>
    }
}

/// What the last attempt brought.
#[component]
fn Answer(text: Text, last: Option<Attempt>) -> impl IntoView {
    let summary = outcome(text, last.as_ref());
    let Some(last) = last else {
        return view! { <Panel title=text.delivery_answer()><p class="text-muted">{summary}</p></Panel> }.into_any();
    };
    let answer = if last.answer.is_empty() {
        last.status.map(|_| view! { <p class="text-sm text-muted">{text.delivery_no_text()}</p> }.into_any())
    } else {
        Some(view! { <Code code=last.answer/> }.into_any())
    };
    view! {
        <Panel title=text.delivery_answer()>
            <p class="flex flex-wrap items-center justify-between gap-x-4">
                <span class="font-medium">{summary}</span>
                <span class="text-sm text-muted">{moment(text, last.at)}</span>
            </p>
            {last.error.map(|error| view! { <p class="break-words text-sm">{error}</p> })}
            {answer}
        </Panel>
    }
    .into_any()
}

/// What is sent; the body so that it is easily read.
#[component]
fn Request(text: Text, url: String, headers: Vec<(String, String)>, body: String) -> impl IntoView {
    let pretty = serde_json::from_str::<Value>(&body).map_or_else(|_| body.clone(), |value| rows::pretty(&value));
    let lines = headers.into_iter().map(|(name, value)| format!("{name}: {value}"));
    let head = std::iter::once(format!("POST {url}")).chain(lines).collect::<Vec<_>>().join("\n");
    view! {
        <Panel title=text.delivery_request() body=text.delivery_request_body()>
            <Code code=head/>
            <Code code=pretty/>
            <div><CopyButton value=body text/></div>
        </Panel>
    }
}

#[component]
fn Code(code: String) -> impl IntoView {
    view! {
        <pre class="min-w-0 overflow-x-auto rounded-box bg-sunken p-4 text-sm leading-relaxed" tabindex="0"><code>{code}</code></pre>
    }
}
