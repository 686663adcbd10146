//! The question before a sign-out.

use domain::route::ReturnTo;
use leptos::prelude::*;

use crate::{
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ButtonLink, Look},
};

/// Asks whether to end the session.
#[component]
pub fn SignOutPage(
    visit: Visit,
    product: Product,
    /// Whose session it is.
    who: String,
    /// Where they go on who stay.
    stay: ReturnTo,
    /// The page's own address.
    action: String,
) -> impl IntoView {
    let text = visit.text();
    let title = text.sign_out_question();
    let stay = product.url.clone().unwrap_or_else(|| stay.path());
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.sign_out_body(who)/>
                <form method="post" action=action class="grid gap-2">
                    <Button>{text.sign_out()}</Button>
                    <ButtonLink href=stay look=Look::Quiet>{text.stay_signed_in()}</ButtonLink>
                </form>
            </div>
        </Hosted>
    }
}
