//! The client in its own name (RFC 6749, section 4.4). No database is asked.

use domain::oauth::authorize::parse_resource;

use super::{Client, TokenRequest};
use crate::{
    Services,
    oauth::{Failure, TokenAnswer, tokens},
};

pub(super) fn issue(services: &Services, client: &Client, request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let resource = request.resource.map(parse_resource).transpose()?;
    Ok(tokens::issue_to_client(services, client, resource.as_deref())?)
}
