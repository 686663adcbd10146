//! The subscription that a path names.

use domain::id::{ApplicationId, SubscriptionId};
use service::{Ctx, Services};

use super::view::{ListedSubscriptionBody, ListedSubscriptionView};

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
