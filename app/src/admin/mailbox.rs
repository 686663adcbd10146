//! `/mailbox`: mails that did not leave the machine.

use leptos::prelude::*;

use super::frame::{Dashboard, Frame};
use crate::ui::{ButtonLink, EmptyState, Glyph, Look};

/// One mail.
#[derive(Clone, Debug)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// When it was written, in the reader's language.
    pub date: String,
}

impl Letter {
    /// The first line that is an address.
    fn link(&self) -> Option<String> {
        let is_link = |line: &&str| line.starts_with("http://") || line.starts_with("https://");
        self.text.lines().map(str::trim).find(is_link).map(str::to_owned)
    }
}

#[component]
pub fn Mailbox(frame: Frame, letters: Vec<Letter>) -> impl IntoView {
    let text = frame.text();
    if letters.is_empty() {
        return view! {
            <Dashboard frame title=text.mailbox()>
                <EmptyState glyph=Glyph::Info title=text.mailbox_empty_title() body=text.mailbox_empty_body()/>
            </Dashboard>
        }
        .into_any();
    }
    let item = move |letter: Letter| {
        let link = letter.link();
        view! {
            <li class="card p-5">
                <details>
                    <summary class="cursor-pointer">
                        <span class="font-semibold">{letter.subject}</span>
                        <span class="block text-sm text-muted">
                            {letter.from}" · "{text.mail_to(letter.to)}" · "{letter.date}
                        </span>
                    </summary>
                    <div class="mt-4 whitespace-pre-wrap break-words text-sm">{letter.text}</div>
                    {link.map(|href| view! {
                        <div class="mt-4">
                            <ButtonLink href look=Look::Secondary>{text.mail_open_link()}</ButtonLink>
                        </div>
                    })}
                </details>
            </li>
        }
    };
    view! {
        <Dashboard frame title=text.mailbox()>
            <p class="-mt-3 text-muted">{text.mailbox_body()}</p>
            <ul class="grid gap-4">{letters.into_iter().map(item).collect_view()}</ul>
        </Dashboard>
    }
    .into_any()
}
