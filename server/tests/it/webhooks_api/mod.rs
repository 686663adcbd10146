//! `/api/admin/applications/:appId/webhooks`, and what is posted to a product's own server.

mod deliveries;
mod endpoints;

use crate::rest::Rest;

fn hooks(rest: &Rest) -> String {
    format!("{}/webhooks", rest.acme.base())
}
