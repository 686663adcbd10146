//! Organizations, their people, and invitations to them.

mod deciding;
mod guarding;
mod invitations;
mod leaving;

use domain::{
    ErrorCode,
    billing::ledger::Actor,
    id::OrganizationId,
    identity::{organization::Organization, proof::Proof, user::User},
    text::{Name, Slug},
};
use service::{
    Ctx, Error, Services,
    organization::NewOrganization,
    testing::people::{mailed_behind, register},
};

use crate::{
    people::{email, new_user},
    shop::operator,
};

const STRONG: &str = "another unrelated phrase";

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

async fn user(services: &Services, address: &str) -> User {
    register(services, new_user(address)).await
}

/// Somebody signed in, as they are now.
async fn ctx(services: &Services, user: &User) -> Ctx {
    let user = services.users().find(user.id).await.unwrap().unwrap();
    let (session, _) = services.sessions().start(&Ctx::anonymous(), &user, Proof::Password).await.unwrap();
    Ctx { actor: Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
}

async fn made(services: &Services, slug: &str, owner: &User) -> Organization {
    let new =
        NewOrganization { slug: Slug::parse(slug).unwrap(), name: Name::parse(slug).unwrap(), owner: Some(owner.id) };
    services.organizations().create(&operator(), new).await.unwrap()
}

async fn acts_for(services: &Services, user: &User) -> Option<OrganizationId> {
    services.users().find(user.id).await.unwrap().unwrap().organization
}

async fn token(services: &Services, address: &str) -> String {
    mailed_behind(services, &email(address), "/invitation/").await.expect("an invitation")
}
