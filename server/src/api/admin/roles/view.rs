use domain::{application::Role, id::ApplicationId};
use serde::Serialize;
use service::{Ctx, Services};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{api::admin::permissions::PermissionView, http::error::ApiResult};

/// A role with its permissions.
#[derive(Serialize, ToSchema)]
pub struct RoleView {
    id: Uuid,
    #[schema(example = "admin")]
    name: String,
    permissions: Vec<PermissionView>,
}

impl RoleView {
    /// Roles with the names of their permissions.
    pub async fn load(services: &Services, ctx: &Ctx, app: ApplicationId, roles: &[Role]) -> ApiResult<Vec<Self>> {
        let all = services.roles().permissions(ctx, app).await?;
        let view = |role: &Role| Self {
            id: role.id.get(),
            name: role.name.to_string(),
            permissions: all
                .iter()
                .filter(|(id, _)| role.permissions.contains(id))
                .map(|(id, name)| PermissionView::new(*id, name))
                .collect(),
        };
        Ok(roles.iter().map(view).collect())
    }
}

#[derive(Serialize, ToSchema)]
pub struct RoleBody {
    pub role: RoleView,
}

impl RoleBody {
    pub async fn load(services: &Services, ctx: &Ctx, app: ApplicationId, role: &Role) -> ApiResult<Self> {
        let mut views = RoleView::load(services, ctx, app, std::slice::from_ref(role)).await?;
        Ok(Self { role: views.swap_remove(0) })
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleList {
    pub roles: Vec<RoleView>,
    pub next_cursor: Option<String>,
}
