use axum::{Json, extract::State, http::StatusCode};
use domain::{Problem, billing::plan::PlanKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::{
    Services,
    billing::orders::{Destination, NewOrder, Started},
    directory::ApplicationEntry,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::platform::{door::Client, metadata, user_ref},
    http::{body::Body, error::ApiResult},
};

/// Who is to pay for what, and where they go afterwards.
#[derive(Deserialize, ToSchema)]
pub struct CheckoutInput {
    #[schema(format = Uuid)]
    end_user_id: String,
    #[schema(example = "pro")]
    plan: String,
    /// The first price of the plan that is on offer, when left out.
    price_id: Option<Uuid>,
    /// At or below a return URL of the application.
    #[schema(example = "https://app.example/welcome")]
    success_url: String,
    #[schema(example = "https://app.example/pricing")]
    cancel_url: String,
    /// At most 4 KiB; kept with the order, never read, and shown with its payment.
    metadata: Option<Map<String, Value>>,
}

/// Where to send the user.
#[derive(Serialize, ToSchema)]
pub struct CheckoutBody {
    /// Needs no sign-in. Where nothing has to be paid, the plan is there already and this is `success_url`.
    checkout_url: String,
    /// `null` where nothing has to be paid.
    order_id: Option<Uuid>,
    /// Seconds; 0 where nothing has to be paid.
    expires_in: i64,
}

/// Create a checkout session
///
/// The same again gives the same order; another plan or price takes its place.
#[utoipa::path(
    post, path = "/api/platform/checkout/sessions", tag = "Platform: checkout",
    operation_id = "platformCreateCheckoutSession",
    request_body = CheckoutInput,
    responses(
        (status = 201, body = CheckoutBody),
        (status = 404, description = "`USR_001` no such user here, `SUB_001` no such plan or price on offer"),
        (status = 409, description = "`SUB_002` the user has it, `SRV_002` the application's provider is not set up"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Body(input): Body<CheckoutInput>,
) -> ApiResult<(StatusCode, Json<CheckoutBody>)> {
    let entry = services.require_client(&ctx)?;
    let user = user_ref::resolve(&services, app, None, Some(&input.end_user_id)).await?;
    let success_url = input.success_url.clone();
    let body = match services.orders().start(&ctx, app, user, input.parse(&entry)?).await? {
        Started::Granted(_) => CheckoutBody { checkout_url: success_url, order_id: None, expires_in: 0 },
        Started::Order(placed) => CheckoutBody {
            checkout_url: format!("{}{}", services.settings.issuer, services.orders().path(placed.order.id)?),
            order_id: Some(placed.order.id.get()),
            expires_in: (placed.order.expires_at - services.billing_now(app)).num_seconds(),
        },
    };
    Ok((StatusCode::CREATED, Json(body)))
}

impl CheckoutInput {
    /// # Errors
    /// `APP_001` for a plan key that cannot be one, a URL that is not registered, and `metadata` that is too large.
    fn parse(self, entry: &ApplicationEntry) -> Result<NewOrder, Problem> {
        for (field, url) in [("success_url", &self.success_url), ("cancel_url", &self.cancel_url)] {
            if !entry.application.settings.may_return_to(url) {
                return Err(Problem::field(field, "is not at or below a return URL of the application"));
            }
        }
        metadata::check(self.metadata.as_ref())?;
        Ok(NewOrder {
            coupon: None,
            plan: PlanKey::parse(&self.plan).map_err(|error| Problem::field("plan", error))?,
            price: self.price_id.map(Into::into),
            destination: Destination::Application { success_url: self.success_url, cancel_url: self.cancel_url },
            metadata: self.metadata,
            payer: None,
        })
    }
}
