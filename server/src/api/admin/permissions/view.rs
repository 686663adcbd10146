use domain::id::PermissionId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// `resource` to read, `resource.write` to change.
#[derive(Serialize, ToSchema)]
pub struct PermissionView {
    id: Uuid,
    #[schema(example = "invoices.write")]
    name: String,
}

impl PermissionView {
    pub fn new(id: PermissionId, name: &str) -> Self {
        Self { id: id.get(), name: name.to_owned() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PermissionBody {
    pub permission: PermissionView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionList {
    pub permissions: Vec<PermissionView>,
    pub next_cursor: Option<String>,
}
