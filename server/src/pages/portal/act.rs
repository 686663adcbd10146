//! The buttons of the portal: cancel and undo, resume, the payment method.

use app::portal::Done;
use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, route, text::MAX_REASON};

use super::{
    desk::{Desk, fault},
    done, overview,
};
use crate::{http::redirect::see_other, pages::asked::Fields};

/// A button was pressed: `act` says which. What cannot be done is said on the page.
pub async fn submit(desk: Desk, fields: Fields) -> Response {
    if !desk.is_for(&fields) {
        return overview::refused(&desk, app::form::Fault::Stale, StatusCode::CONFLICT).await;
    }
    match act(&desk, &fields).await {
        Ok(to) => see_other(&to),
        Err(error) => match fault(error) {
            Ok((fault, status)) => overview::refused(&desk, fault, status).await,
            Err(error) => desk.asked.fail(error),
        },
    }
}

/// Does it, and says where to go on.
async fn act(desk: &Desk, fields: &Fields) -> service::Result<String> {
    let (services, ctx) = (desk.services(), &desk.ctx);
    let (application, user) = (desk.application(), desk.visitor.holder.user.id);
    Ok(done(match fields.get("act") {
        "cancel" => {
            let reason: String = fields.get("reason").trim().chars().take(usize::from(MAX_REASON)).collect();
            let reason = Some(reason).filter(|reason| !reason.is_empty());
            services.changes().cancel(ctx, application, user, reason).await?;
            Done::Canceled
        }
        "undo" => {
            services.changes().undo(ctx, application, user).await?;
            Done::Undone
        }
        "resume" => {
            services.changes().resume(ctx, application, user).await?;
            Done::Resumed
        }
        "change_method" => {
            let back = format!("{}{}", services.settings.issuer, route::PORTAL);
            return services.methods().change(ctx, application, user, &back).await;
        }
        "remove_method" => {
            services.methods().remove(ctx, application, user).await?;
            Done::MethodRemoved
        }
        _ => return Err(ErrorCode::InvalidInput.into()),
    }))
}
