//! The page of a change: what the island shows in place, for everybody.

use domain::route;
use leptos::prelude::*;

use super::{Preview, PreviewBody, overview::Back};
use crate::{
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Alert, Tone},
};

/// `changed`: what was confirmed is not what it would be now.
#[component]
pub fn ChangePage(visit: Visit, product: Product, preview: Preview, changed: bool) -> impl IntoView {
    let text = visit.text();
    let title = preview.title.clone();
    view! {
        <Hosted visit product title=title.clone() width=crate::hosted::Width::Page>
            <Back href=route::PORTAL.to_owned() label=text.back_to_plan()/>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title/>
                {changed.then(|| view! { <Alert tone=Tone::Warn><p>{text.money_changed()}</p></Alert> })}
                <PreviewBody preview text/>
            </div>
        </Hosted>
    }
}
