//! Pages that say one thing: what went wrong or what was done, and where to go from here.

use leptos::prelude::*;

use crate::{
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ButtonLink, Look},
};

/// A way on from a notice.
#[derive(Clone, Debug)]
pub struct Way {
    pub label: String,
    pub href: String,
    /// Name and value of what is posted there; a link has none.
    pub answer: Option<(&'static str, &'static str)>,
}

impl Way {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), answer: None }
    }
}

/// What a notice says.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    pub product: Product,
    pub title: String,
    pub body: String,
    /// The main way on, then others.
    pub ways: Vec<Way>,
    /// For the developer of the application that led here: an error code and what it means.
    pub detail: Option<String>,
    /// By which the operator finds the request in the logs.
    pub request_id: Option<String>,
}

/// A notice as a page.
#[component]
pub fn NoticePage(visit: Visit, notice: Notice) -> impl IntoView {
    let text = visit.text();
    let ways = notice.ways.into_iter().enumerate().map(|(i, way)| {
        let look = if i == 0 { Look::Primary } else { Look::Quiet };
        match way.answer {
            None => view! { <ButtonLink href=way.href look>{way.label}</ButtonLink> }.into_any(),
            Some((name, value)) => view! {
                <form method="post" action=way.href>
                    <input type="hidden" name=name value=value/>
                    <Button class="w-full" look>{way.label}</Button>
                </form>
            }
            .into_any(),
        }
    });
    let ways = ways.collect::<Vec<_>>();
    view! {
        <Hosted visit product=notice.product title=notice.title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title=notice.title body=notice.body/>
                {(!ways.is_empty()).then(|| view! { <div class="grid gap-2">{ways}</div> })}
                {notice.detail.map(|detail| view! {
                    <details class="text-sm text-muted">
                        <summary class="py-1">{text.for_developers()}</summary>
                        <p class="pt-1"><code>{detail}</code></p>
                    </details>
                })}
                {notice.request_id.map(|id| view! { <p class="text-sm text-muted">{text.request_id(id)}</p> })}
            </div>
        </Hosted>
    }
}
