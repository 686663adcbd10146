use domain::{
    Problem,
    webhook::endpoint::{EndpointChange, NewEndpoint},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::body::present;

/// A new webhook.
#[derive(Deserialize, ToSchema)]
pub struct NewWebhookInput {
    /// Where events are posted: https, or http on this machine.
    #[schema(example = "https://app.example/hooks")]
    url: String,
    /// For people.
    #[serde(default)]
    #[schema(required = false, max_length = 200)]
    description: String,
    /// Which events are sent; every event when empty.
    #[serde(default)]
    #[schema(required = false, example = json!(["subscription.created", "subscription.updated"]))]
    events: Vec<String>,
}

impl NewWebhookInput {
    /// # Errors
    /// `APP_001` on the field at fault.
    pub fn parse(&self) -> Result<NewEndpoint, Problem> {
        NewEndpoint::parse(&self.url, &self.description, &self.events)
    }
}

/// A partial change of a webhook. Whatever is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct WebhookPatchInput {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    url: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, max_length = 200)]
    description: Option<String>,
    /// Every event when empty.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<String>, required = false)]
    events: Option<Vec<String>>,
    /// Off: nothing is sent, and what happens meanwhile never is. What waited already goes out once it is on again.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    enabled: Option<bool>,
}

impl WebhookPatchInput {
    /// # Errors
    /// `APP_001` on the field at fault.
    pub fn parse(&self) -> Result<EndpointChange, Problem> {
        EndpointChange::parse(self.url.as_deref(), self.description.as_deref(), self.events.as_deref(), self.enabled)
    }
}
