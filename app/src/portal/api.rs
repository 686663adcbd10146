//! What the portal's island asks of the server.

use domain::{billing::plan::PlanKey, id::PriceId};
use leptos::{prelude::*, server_fn::codec::Json};

use super::Preview;
use crate::{error::Failure, i18n::Text};

/// What another plan would cost and change, in the words of `text`. Nothing changes.
///
/// # Errors
/// `AUTH_001` outside of a visit to the portal, `SUB_001` for what is not on offer, `SUB_002` for what is held.
#[server(prefix = "/portal/rpc", endpoint = "preview", input = Json, output = Json)]
pub async fn preview_change(plan: PlanKey, price: Option<PriceId>, text: Text) -> Result<Preview, Failure> {
    use crate::{
        portal::Change,
        ssr::{ctx, services, visitor},
    };
    let visitor = visitor()?;
    let terms = services().portal().preview(&ctx(), &visitor, &plan, price).await?;
    let held = visitor.holder.subscription.as_ref();
    let change = Change { application: &visitor.application, held, plan: &plan, terms };
    Preview::of(change, services().now(), text).ok_or_else(|| domain::ErrorCode::PlanNotFound.into())
}
