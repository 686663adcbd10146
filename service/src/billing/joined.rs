//! The two reads of a member that every sign-in and every token waits for, each one statement.

use domain::id::{ApplicationId, GrantId, UserId};
use sea_orm::{DatabaseConnection, DbErr};

use super::entitlements::Row;
use crate::{
    db::{Columns, query},
    entity::{grants, membership_roles, memberships, subscriptions},
    identity::sessions,
};

macro_rules! member {
    () => {
        "m.id, m.user_id, m.application_id, m.status, m.claims, m.overrides, m.ent_ver, m.chosen_at, m.created_at, \
         u.id, u.email, u.email_verified, u.name, u.role, u.locale, u.disabled_at, u.created_at, \
         u.profile, u.updated_at, u.deleted_at, u.organization_id, \
         s.id, s.membership_id, s.plan_id, s.price_id, s.status, s.status_since_at, s.status_until_at, s.source, \
         s.period_start_at, s.period_end_at, s.expires_at, s.cancel_at, s.started_at, s.anchor_at, s.scheduled_at, \
         s.scheduled_plan_id, s.scheduled_price_id, r.role_id"
    };
}

macro_rules! joins {
    () => {
        "JOIN users u ON u.id = m.user_id \
         LEFT JOIN subscriptions s ON s.membership_id = m.id AND s.status NOT IN ('canceled', 'expired') \
         LEFT JOIN membership_roles r ON r.membership_id = m.id"
    };
}

const OF_MEMBER: &str =
    concat!("SELECT ", member!(), " FROM memberships m ", joins!(), " WHERE m.user_id = $1 AND m.application_id = $2");

const OF_GRANT: &str = concat!(
    "SELECT ",
    member!(),
    ", g.id, g.user_id, g.client_id, g.membership_id, g.session_id, g.scopes, g.resource, g.auth_time, g.has_refresh, \
     g.generation, g.rotations, g.created_at, g.expires_at, g.revoked_at, g.claims, \
     g.bound_key, g.proofs, \
     EXISTS (SELECT 1 FROM revoked_tokens t WHERE t.jti = $2) \
     FROM grants g JOIN memberships m ON m.id = g.membership_id ",
    joins!(),
    " WHERE g.id = $1"
);

/// The rows of a member: as many as roles, one at least.
pub(super) async fn of_member(
    db: &DatabaseConnection,
    user: UserId,
    application: ApplicationId,
) -> Result<Vec<Row>, DbErr> {
    let rows = query(db, OF_MEMBER, [user.get().into(), application.get().into()]).await?;
    rows.iter().map(|row| member(&mut Columns::of(row))).collect()
}

/// A grant, whether the access token `jti` has been revoked, and the rows of its member.
pub(super) async fn of_grant(
    db: &DatabaseConnection,
    id: GrantId,
    jti: &str,
) -> Result<Option<(grants::Model, bool, Vec<Row>)>, DbErr> {
    let rows = query(db, OF_GRANT, [id.get().into(), jti.into()]).await?;
    let mut members = Vec::with_capacity(rows.len());
    let mut found = None;
    for row in &rows {
        let mut columns = Columns::of(row);
        members.push(member(&mut columns)?);
        if found.is_none() {
            found = Some((grant(&mut columns)?, columns.next()?));
        }
    }
    Ok(found.map(|(grant, revoked)| (grant, revoked, members)))
}

fn member(c: &mut Columns<'_>) -> Result<Row, DbErr> {
    let membership = memberships::Model {
        id: c.next()?,
        user_id: c.next()?,
        application_id: c.next()?,
        status: c.next()?,
        claims: c.next()?,
        overrides: c.next()?,
        ent_ver: c.next()?,
        chosen_at: c.next()?,
        created_at: c.next()?,
    };
    let user = sessions::user_columns(c)?;
    let subscription = subscription(c)?;
    let role: Option<uuid::Uuid> = c.next()?;
    let role = role.map(|role_id| membership_roles::Model { membership_id: membership.id, role_id });
    Ok((membership, Some(user), subscription, role))
}

fn subscription(c: &mut Columns<'_>) -> Result<Option<subscriptions::Model>, DbErr> {
    let Some(id) = c.next()? else {
        c.skip(16);
        return Ok(None);
    };
    Ok(Some(subscriptions::Model {
        id,
        membership_id: c.next()?,
        plan_id: c.next()?,
        price_id: c.next()?,
        status: c.next()?,
        status_since_at: c.next()?,
        status_until_at: c.next()?,
        source: c.next()?,
        period_start_at: c.next()?,
        period_end_at: c.next()?,
        expires_at: c.next()?,
        cancel_at: c.next()?,
        started_at: c.next()?,
        anchor_at: c.next()?,
        scheduled_at: c.next()?,
        scheduled_plan_id: c.next()?,
        scheduled_price_id: c.next()?,
        // Who bills it, and when the engine acts, say nothing about what it gives.
        provider: None,
        reference: None,
        discount: None,
        due_at: None,
        mode: None,
    }))
}

fn grant(c: &mut Columns<'_>) -> Result<grants::Model, DbErr> {
    Ok(grants::Model {
        id: c.next()?,
        user_id: c.next()?,
        client_id: c.next()?,
        membership_id: c.next()?,
        session_id: c.next()?,
        scopes: c.next()?,
        resource: c.next()?,
        auth_time: c.next()?,
        has_refresh: c.next()?,
        generation: c.next()?,
        rotations: c.next()?,
        created_at: c.next()?,
        expires_at: c.next()?,
        revoked_at: c.next()?,
        claims: c.next()?,
        bound_key: c.next()?,
        proofs: c.next()?,
    })
}
