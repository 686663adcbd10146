use chrono::{DateTime, Utc};
use domain::id::ApplicationId;
use serde::Serialize;
use service::{Ctx, Services, payment::keys::KeysShown};
use utoipa::ToSchema;

use crate::api::{admin::applications::DunningView, webhook_urls};

/// How an application collects.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSettingsView {
    /// `none`, `sandbox`, `stripe` or `midtrans`. With `none` every plan is granted without payment. It is changed with
    /// the application, as `paymentProvider`.
    provider: &'static str,
    /// Whether no real money moves: the sandbox, or a test key.
    is_test: bool,
    grace_days: u8,
    dunning: DunningView,
    keys: Vec<KeysView>,
    /// Where Stripe posts its events.
    stripe_webhook_url: String,
    /// Where Midtrans posts its notifications.
    midtrans_webhook_url: String,
}

/// What is shown of keys: their last four characters.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeysView {
    /// `stripe` or `midtrans`.
    provider: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    #[schema(example = "4242")]
    secret_key_last4: String,
    /// Newest first: two while one is rolled.
    webhook_secret_last4: Vec<String>,
    updated_at: DateTime<Utc>,
}

impl From<KeysShown> for KeysView {
    fn from(keys: KeysShown) -> Self {
        Self {
            provider: keys.provider.as_str(),
            mode: keys.mode.as_str(),
            secret_key_last4: keys.secret,
            webhook_secret_last4: keys.webhook,
            updated_at: keys.updated_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSettingsBody {
    pub payment_settings: PaymentSettingsView,
}

impl PaymentSettingsBody {
    /// The settings as they are now.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn load(services: &Services, ctx: &Ctx, application: ApplicationId) -> service::Result<Self> {
        let entry = services.require_admin(ctx, application).await?;
        let keys = services.payment_keys().list(ctx, application).await?;
        let [stripe_webhook_url, midtrans_webhook_url] = webhook_urls(services, application);
        let settings = &entry.application.settings;
        let payment_settings = PaymentSettingsView {
            provider: settings.provider.as_str(),
            is_test: entry.is_test(),
            grace_days: settings.grace_days,
            dunning: (&settings.dunning).into(),
            keys: keys.into_iter().map(Into::into).collect(),
            stripe_webhook_url,
            midtrans_webhook_url,
        };
        Ok(Self { payment_settings })
    }
}
