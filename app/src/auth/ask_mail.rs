//! Asking for a mail: a sign-in link, or a way to a new password.

use domain::route::{self, ReturnTo};
use leptos::prelude::*;

use super::fields::EmailField;
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary},
};

/// What the mail is to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    SignIn,
    Reset,
}

impl Ask {
    /// Its page.
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => route::EMAIL_SIGN_IN,
            Self::Reset => route::FORGOT_PASSWORD,
        }
    }
}

/// The form: an address, nothing else.
#[component]
pub fn AskMailPage(visit: Visit, product: Product, to: ReturnTo, ask: Ask, form: FormState) -> impl IntoView {
    let text = visit.text();
    let (title, body, button) = match ask {
        Ask::SignIn => (text.email_link_title(), text.email_link_body(), text.email_link_button()),
        Ask::Reset => (text.forgot_title(), text.forgot_body(), text.forgot_button()),
    };
    let (action, back) = (to.by(ask.path()), to.sign_in());
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=action class="grid gap-5">
                    <EmailField text form=form.clone() autofocus=form.is_fine()/>
                    <Button class="w-full">{button}</Button>
                </form>
                <p class="text-center text-muted">
                    <a href=back>{text.back_to_sign_in()}</a>
                </p>
            </div>
        </Hosted>
    }
}
