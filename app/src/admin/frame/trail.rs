//! The breadcrumb.

use domain::route;
use leptos::prelude::*;

use super::{Frame, Section};

/// One step of the breadcrumb; the page itself has no link.
#[derive(Clone, Debug)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

#[component]
pub(super) fn Trail(frame: Frame, section: Option<Section>, crumbs: Vec<Crumb>, title: String) -> impl IntoView {
    let text = frame.text();
    let mut steps = vec![Crumb::new(text.applications(), route::DASHBOARD)];
    if let Some(entry) = &frame.current {
        steps.push(Crumb::new(entry.application.settings.name.to_string(), frame.href(Section::Plans)));
    }
    if let Some(section) = section
        && section.label(text) != title
    {
        steps.push(Crumb::new(section.label(text), frame.href(section)));
    }
    steps.extend(crumbs);
    let alone = steps.len() == 1 && title == text.applications();
    (!alone).then(|| {
        view! {
            <nav aria-label=text.breadcrumb() class="text-sm text-muted">
                <ol class="flex flex-wrap items-center gap-x-1.5 gap-y-1">
                    {steps
                        .into_iter()
                        .map(|step| view! {
                            <li class="flex min-w-0 items-center gap-1.5">
                                <a class="truncate rounded py-0.5 hover:text-ink hover:underline" href=step.href>{step.label}</a>
                                <span aria-hidden="true">"/"</span>
                            </li>
                        })
                        .collect_view()}
                    <li class="min-w-0 truncate text-ink" aria-current="page">{title}</li>
                </ol>
            </nav>
        }
    })
}
