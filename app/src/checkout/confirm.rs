//! A checkout at which nothing is due: what would happen, before it does.

use leptos::prelude::*;

use crate::{
    hosted::{Heading, Hosted},
    look::Product,
    portal::{Preview, PreviewBody},
    shell::Visit,
    ui::{Alert, Tone},
};

/// The page. Its form posts to `action`; `leave` is where somebody goes who does not want it. `changed`: what they
/// agreed to is not what it would be now.
#[component]
pub fn ConfirmPage(
    visit: Visit,
    product: Product,
    preview: Preview,
    action: String,
    leave: String,
    changed: bool,
) -> impl IntoView {
    let text = visit.text();
    let title = preview.title.clone();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title/>
                {changed.then(|| view! { <Alert tone=Tone::Warn><p>{text.money_changed()}</p></Alert> })}
                <PreviewBody preview text action leave/>
            </div>
        </Hosted>
    }
}
