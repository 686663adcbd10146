use domain::{ErrorCode, Problem, application::RoleName};
use serde::Deserialize;
use utoipa::ToSchema;

/// The name of a role.
#[derive(Deserialize, ToSchema)]
pub struct RoleInput {
    #[schema(pattern = "^[a-z0-9_-]{1,64}$", example = "editor")]
    name: String,
}

impl RoleInput {
    /// # Errors
    /// `PERM_001` for a name that no role can have.
    pub fn parse(&self) -> Result<RoleName, Problem> {
        let invalid = |flaw| Problem { code: ErrorCode::PermissionInvalid, ..Problem::field("name", flaw) };
        RoleName::parse(&self.name).map_err(invalid)
    }
}
