//! `/dashboard/{slug}/webhooks`.

use domain::webhook::endpoint::Endpoint;
use leptos::prelude::*;

use super::state::EndpointBadge;
use crate::{
    admin::frame::{Dashboard, Frame, Section},
    i18n::Text,
    ui::{ButtonLink, EmptyState, Glyph, Icon},
};

#[component]
pub fn WebhooksPage(frame: Frame, endpoints: Vec<Endpoint>) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Webhooks);
    let add = {
        let href = format!("{base}/new");
        move || {
            view! {
                <ButtonLink href=href.clone()>
                    <Icon glyph=Glyph::Plus/>
                    {text.endpoint_add()}
                </ButtonLink>
            }
        }
    };
    let empty = endpoints.is_empty();
    let items = endpoints
        .into_iter()
        .map(|endpoint| {
            let href = format!("{base}/{}", endpoint.id);
            let told = told(text, &endpoint);
            let description = Some(endpoint.description).filter(|description| !description.is_empty());
            view! {
                <li class="card relative grid content-start gap-2 p-5 hover:border-edge">
                    <div class="flex flex-wrap items-center gap-x-3 gap-y-1.5">
                        <h2 class="min-w-0 break-all font-semibold">
                            <a class="after:absolute after:inset-0 after:rounded-[inherit]" href=href>{endpoint.url.to_string()}</a>
                        </h2>
                        <EndpointBadge text state=endpoint.state/>
                    </div>
                    {description.map(|description| view! { <p class="break-words text-sm" dir="auto">{description}</p> })}
                    <p class="break-words text-sm text-muted">{told}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <Dashboard frame title=text.section_webhooks() section=Section::Webhooks actions=add>
            <p class="-mt-3 text-pretty text-muted">{text.webhooks_body()}</p>
            {if empty {
                view! { <EmptyState glyph=Glyph::Send title=text.webhooks_none_title() body=text.webhooks_none_body()/> }.into_any()
            } else {
                view! { <ul class="grid gap-4 lg:grid-cols-2">{items}</ul> }.into_any()
            }}
        </Dashboard>
    }
}

/// What an endpoint is told of.
fn told(text: Text, endpoint: &Endpoint) -> String {
    if endpoint.events.is_empty() {
        return text.endpoint_every_event();
    }
    endpoint.events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ")
}
