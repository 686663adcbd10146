//! `/mailbox`, for superadmins while mails are files: development works without a mail account.

use app::admin::mailbox::{Letter, Mailbox};
use axum::http::StatusCode;
use leptos::prelude::*;

use super::desk::{Answer, Desk};

pub async fn show(desk: Desk) -> Answer {
    let mails = desk.services().mails();
    // With https there are users, whose links are theirs alone.
    if !mails.stay_here() || desk.asked.state.secure {
        return Err(desk.not_found());
    }
    let queued = desk.try_to(mails.latest(desk.ctx()).await)?;
    let frame = desk.frame(None).await?;
    let letter = |queued: service::mail::Queued| Letter {
        from: queued.mail.from,
        to: queued.mail.to.to_string(),
        subject: queued.mail.subject,
        text: queued.mail.plain,
        date: desk.locale().date_time(queued.created_at),
    };
    let letters = queued.into_iter().map(letter).collect();
    Ok(desk.asked.page(StatusCode::OK, || view! { <Mailbox frame letters/> }))
}
