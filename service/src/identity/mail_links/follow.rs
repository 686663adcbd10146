//! Following a link to its end.

use domain::{
    ErrorCode, Timestamp,
    billing::ledger::Action,
    id::UserId,
    identity::{
        password::Password,
        user::{GlobalRole, User},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{Arrived, Counted, Errand, Kept, MailLinks, used};
use crate::{
    Ctx, Error, Result,
    clock::at,
    db::take_turn,
    entity::{mail_links, users},
    identity::{
        admin_users::{locked, moved, store},
        new_password,
        proved::password_set_at,
        sessions::{Ended, end, user},
        users::{self as people, NewUser},
        ways_in,
    },
    ledger::Entry,
    mail::{Kind, account::About},
    organization::lock_inviting,
    security_log::{Event, Reason},
    tx::{LOCK, Tx},
};

impl MailLinks<'_> {
    /// Makes the account that a link was asked for, with the password that was chosen behind it. Its address is
    /// verified.
    ///
    /// # Errors
    /// `AUTH_003` as [`Self::find`], and where somebody else was quicker; `USR_003` when the address has an account
    /// meanwhile; `APP_001` on the field `password` when it is too easy to guess; `AUTH_007` when too many sign in at
    /// once.
    pub async fn finish_registration(&self, ctx: &Ctx, token: &str, password: Password) -> Result<Arrived> {
        let services = self.0;
        let kept = services.kept(services.db.read(), token).await?.1;
        let Kept { errand: Errand::Register { name, locale }, email, origin, .. } = kept else { return Err(used()) };
        let new = NewUser { email, password, name, locale };
        let mut row = services.users().prepare(ctx, new, GlobalRole::User, true).await?;
        row.user.email_verified = true;
        row.application = origin.application;
        let token = token.to_owned();
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let (kept, _) = take(&tx, &token).await?;
                    people::insert(tx.db, &tx.services, &tx.ctx, &row).await?;
                    tx.services.end_links(tx.db, &kept.email).await?;
                    let password_set_at = Some(row.user.created_at);
                    Ok(Arrived { user: row.user, to: kept.origin.to, password_set_at })
                })
            })
            .await
    }

    /// Signs in by a link. The address is verified by it.
    ///
    /// No other link of this kind works any more: older ones lie about in the mailbox.
    ///
    /// # Errors
    /// `AUTH_003` as [`Self::find`], `AUTH_006` for an account that is disabled meanwhile.
    pub async fn finish_sign_in(&self, ctx: &Ctx, token: &str) -> Result<Arrived> {
        let token = token.to_owned();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let (kept, _) = take(&tx, &token).await?;
                    let Errand::SignIn(id) = kept.errand else { return Err(used()) };
                    let user = proved(&tx, id, &kept).await?;
                    tx.services.end_kinds(tx.db, &user.email, &[Counted::SignIn]).await?;
                    let password_set_at = password_set_at(tx.db, id).await?;
                    Ok(Arrived { user, to: kept.origin.to, password_set_at })
                })
            })
            .await
            .inspect_err(|error| failed(ctx, error))
    }

    /// Sets the password that was chosen behind a link. All sessions of the user end, and no other link of theirs
    /// works any more; a mail tells them.
    ///
    /// # Errors
    /// `AUTH_003` as [`Self::find`], `AUTH_006` for an account that is disabled meanwhile, `APP_001` on the field
    /// `password` when it is too easy to guess, `AUTH_007` when too many sign in at once.
    pub async fn finish_reset(&self, ctx: &Ctx, token: &str, password: Password) -> Result<Arrived> {
        self.reset_by(ctx, token, password).await.inspect_err(|error| failed(ctx, error))
    }

    async fn reset_by(&self, ctx: &Ctx, token: &str, password: Password) -> Result<Arrived> {
        let (services, by) = (self.0, ctx.network());
        let (_, Kept { errand: Errand::Reset(id), .. }) = services.kept(services.db.read(), token).await? else {
            return Err(used());
        };
        let user = services.users().find(id).await?.ok_or_else(used)?;
        services.passwords.judge(by, &password, services.hints(Some(&user.email), user.name.as_ref())).await?;
        let hash = services.passwords.hash(by, &password, &*services.rng).await?;
        let token = token.to_owned();
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let (kept, _) = take(&tx, &token).await?;
                    let user = proved(&tx, id, &kept).await?;
                    new_password::set(&tx, &user, hash, kept.origin.application).await?;
                    Ok(Arrived { user, to: kept.origin.to, password_set_at: Some(tx.now) })
                })
            })
            .await
    }

    /// Gives the user the address that a link went to; it is verified by it. Every other session of theirs ends, with
    /// every grant that was not begun in this one; invitations to the address of before are taken back, and a mail
    /// there tells them.
    ///
    /// # Errors
    /// `AUTH_001` for anybody but the user who asked for it, in a session of theirs: whoever else reads the mail changes
    /// nothing. `AUTH_004` in a session without the second factor that they have. `AUTH_003` as [`Self::find`], where
    /// somebody else was quicker, and after a new password; `AUTH_006` for an account that is disabled meanwhile; `USR_003`
    /// when another account has the address meanwhile.
    pub async fn finish_address(&self, ctx: &Ctx, token: &str) -> Result<User> {
        let session = self.0.factors().with_factor(ctx).await?;
        let token = token.to_owned();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    lock_inviting(&tx, session.user.id).await?;
                    let (kept, made_at) = take(&tx, &token).await?;
                    let Errand::Address(id) = kept.errand else { return Err(used()) };
                    if id != session.user.id {
                        return Err(ErrorCode::NoSession.into());
                    }
                    let before = locked(&tx, id).await?;
                    if before.disabled_at.is_some() {
                        return Err(ErrorCode::AccountDisabled.into());
                    }
                    // Whoever asked for it may be the one who was put out by the new password.
                    if password_set_at(tx.db, id).await?.is_some_and(|set| set > made_at) {
                        return Err(used());
                    }
                    let after = User { email: kept.email, email_verified: true, updated_at: tx.now, ..before.clone() };
                    store(&tx, &before, &after).await?;
                    moved(&tx, &before, &after).await?;
                    end(tx.db, &tx.services, Ended::AllBut(id, session.id), tx.now).await?;
                    tx.log(Entry::new(Action::UserUpdated).user(id).from(&before).to(&after)).await?;
                    tx.tell(Event::AddressChanged, Some(id));
                    let about = About::owner(&tx, &before, kept.origin.application).await?;
                    about.queue(&tx, Kind::AddressChanged, &about.address_changed(&tx, &after.email, true)).await?;
                    Ok(after)
                })
            })
            .await
    }
}

/// Tells the security log of a link that lets nobody in; of what went wrong otherwise nothing.
fn failed(ctx: &Ctx, error: &Error) {
    let reason = match error.code() {
        ErrorCode::BadCredentials => Reason::WrongLink,
        ErrorCode::AccountDisabled => Reason::AccountDisabled,
        _ => return,
    };
    Event::AuthenticationFailed.by(ctx).because(reason).write();
}

/// Uses a link up, and says when it was made: of several at once, one finds it as it was. Its user is locked before it,
/// as everywhere: whoever ends all links of somebody has locked them.
async fn take(tx: &Tx<'_>, token: &str) -> Result<(Kept, Timestamp)> {
    let (row, kept) = tx.services.kept(tx.db, token).await?;
    match kept.errand {
        Errand::Reset(id) | Errand::SignIn(id) | Errand::Address(id) => drop(ways_in::lock(tx, id).await?),
        Errand::Register { .. } | Errand::None => {}
    }
    // Of those who would have the address, one is there first.
    if matches!(kept.errand, Errand::Register { .. } | Errand::Address(_)) {
        take_turn(tx.db, &tx.services.address_hash(&kept.email, Counted::Register)).await?;
    }
    let spent = mail_links::Entity::update_many()
        .col_expr(mail_links::Column::Sealed, Expr::value(tx.services.seal_link(None)?))
        .filter(mail_links::Column::Id.eq(row.id))
        .filter(mail_links::Column::Sealed.eq(row.sealed))
        .exec(tx.db)
        .await?;
    if spent.rows_affected == 1 { Ok((kept, at(row.created_at))) } else { Err(used()) }
}

/// The user who has just proved that the address is theirs; one who has another address by now has proved nothing.
async fn proved(tx: &Tx<'_>, id: UserId, kept: &Kept) -> Result<User> {
    let row = users::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?.ok_or_else(used)?;
    let before = user(row)?;
    if before.email != kept.email {
        return Err(used());
    }
    if before.disabled_at.is_some() {
        return Err(ErrorCode::AccountDisabled.into());
    }
    if before.email_verified {
        return Ok(before);
    }
    let after = User { email_verified: true, updated_at: tx.now, ..before.clone() };
    users::Entity::update_many()
        .col_expr(users::Column::EmailVerified, Expr::value(true))
        .col_expr(users::Column::UpdatedAt, Expr::value(tx.millis()))
        .filter(users::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await?;
    tx.log(Entry::new(Action::UserUpdated).user(id).from(&before).to(&after)).await?;
    Ok(after)
}
