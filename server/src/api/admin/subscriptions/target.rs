//! The live subscription that a path names.

use domain::{
    ErrorCode,
    id::{ApplicationId, SubscriptionId, UserId},
};
use service::{Ctx, Services};

use super::view::{ListedSubscriptionBody, ListedSubscriptionView};

/// Whose subscription it is. One that has ended changes nothing of the one that followed it.
///
/// # Errors
/// `SUB_001` when there is none in this application, `SUB_004` when it has ended.
pub async fn holder(services: &Services, ctx: &Ctx, app: ApplicationId, id: SubscriptionId) -> service::Result<UserId> {
    let listed = services.subscription_list().get(ctx, app, id).await?;
    if listed.subscription.state.is_final() {
        return Err(ErrorCode::SubscriptionExpired.into());
    }
    Ok(listed.user.id)
}

/// The subscription as it stands now.
///
/// # Errors
/// `SUB_001` when there is none in this application.
pub async fn shown(
    services: &Services,
    ctx: &Ctx,
    app: ApplicationId,
    id: SubscriptionId,
) -> service::Result<ListedSubscriptionBody> {
    let listed = services.subscription_list().get(ctx, app, id).await?;
    Ok(ListedSubscriptionBody { subscription: ListedSubscriptionView::new(listed, services.billing_now(app)) })
}
