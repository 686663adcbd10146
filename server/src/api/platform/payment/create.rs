use axum::{Json, extract::State, http::StatusCode};
use domain::{ErrorCode, Problem, identity::email::Email, text::Name};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::{
    Services,
    billing::orders::{Destination, NewOrder, Payer, Started},
    directory::ApplicationEntry,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::platform::{door::Client, metadata, user_ref},
    http::{body::Body, error::ApiResult},
};

/// Who gets which plan, and who is billed for it.
#[derive(Deserialize, ToSchema)]
pub struct PaymentInput {
    #[schema(format = Uuid)]
    end_user_id: String,
    /// The plan's id or its key. Its first price on offer is billed.
    #[schema(example = "pro")]
    plan_id: String,
    /// Whom the payment provider writes to.
    #[schema(example = "user@example.com")]
    customer_email: String,
    customer_name: Option<String>,
    /// At most 4 KiB; kept with the order, never read, and shown with its payment.
    metadata: Option<Map<String, Value>>,
}

/// Where it is paid. All three are `null` where nothing has to be paid: the plan is there already.
#[derive(Serialize, ToSchema)]
pub struct PaymentBody {
    /// The hosted page of the bill; whoever has the address can pay, without signing in.
    invoice_url: Option<String>,
    order_id: Option<Uuid>,
    /// The payment provider's name for the payment.
    payment_id: Option<String>,
}

/// Bill a user for a plan
///
/// The same again gives the same order; another plan takes its place. The plan is there as soon as it is paid; a free
/// one is granted at once.
#[utoipa::path(
    post, path = "/api/platform/payment", tag = "Platform: checkout",
    operation_id = "platformCreatePayment",
    request_body = PaymentInput,
    responses(
        (status = 201, body = PaymentBody),
        (status = 404, description = "`USR_001` no such user here, `SUB_001` no such plan on offer"),
        (status = 409, description = "`SUB_002` the user has it, `SRV_002` the application's provider is not set up"),
        (status = 503, description = "`SRV_003` the application's provider does not answer"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Body(input): Body<PaymentInput>,
) -> ApiResult<(StatusCode, Json<PaymentBody>)> {
    let entry = services.require_client(&ctx)?;
    let user = user_ref::resolve(&services, app, None, Some(&input.end_user_id)).await?;
    let body = match services.orders().start(&ctx, app, user, input.parse(&entry)?).await? {
        Started::Granted(_) => PaymentBody { invoice_url: None, order_id: None, payment_id: None },
        Started::Order(placed) => {
            let order = placed.order.id;
            let placed = services.orders().open(*placed).await?;
            PaymentBody {
                invoice_url: Some(format!("{}{}", services.settings.issuer, services.orders().path(order)?)),
                order_id: Some(order.get()),
                payment_id: placed.reference,
            }
        }
    };
    Ok((StatusCode::CREATED, Json(body)))
}

impl PaymentInput {
    /// # Errors
    /// `SUB_001` for a plan that is not the application's; `APP_001` for an address or a name that cannot be one, and
    /// `metadata` that is too large.
    fn parse(self, entry: &ApplicationEntry) -> Result<NewOrder, Problem> {
        metadata::check(self.metadata.as_ref())?;
        let email = Email::parse(&self.customer_email).map_err(|error| Problem::field("customer_email", error))?;
        let name = self.customer_name.as_deref().map(Name::parse).transpose();
        let name = name.map_err(|error| Problem::field("customer_name", error))?;
        Ok(NewOrder {
            plan: entry.plan_named(&self.plan_id).ok_or(ErrorCode::PlanNotFound)?.key.clone(),
            price: None,
            coupon: None,
            destination: Destination::Here,
            metadata: self.metadata,
            payer: Some(Payer { email, name }),
        })
    }
}
