//! The mails about organizations: the invitation to one, and notices of what became of its people.

use domain::{
    Secret,
    identity::{
        organization::{Organization, OrganizationRole},
        user::User,
    },
    route::{self, ReturnTo},
    text::Name,
};

use super::About;
use crate::{
    mail::{Button, Letter},
    tx::Tx,
};

/// What became of somebody's part in an organization; without a role they do not belong to it.
pub(crate) struct Part<'a> {
    pub organization: &'a Organization,
    pub person: &'a User,
    pub before: Option<OrganizationRole>,
    pub after: Option<OrganizationRole>,
}

impl About {
    /// The link by which somebody joins an organization; `by` is who asks them.
    pub fn invitation(&self, token: &Secret, to: &Name, by: Option<&User>) -> Letter {
        let (text, name) = (self.text, self.called(to));
        let body = match by {
            Some(person) => text.invitation_body_by(person.name_in_mails(), &name),
            None => text.invitation_body(&name),
        };
        let href = format!("{}{}/{}", self.issuer, route::INVITATION, token.expose());
        Letter {
            paragraphs: vec![body],
            button: Some(Button { label: text.invitation_button(), href }),
            notes: vec![text.invitation_note()],
            ..self.letter(text.invitation_subject(&name), text.invitation_title(&name))
        }
    }

    /// What an organization is called here, unless a mail program would make a link of it.
    fn called(&self, organization: &Name) -> String {
        if organization.is_linkable() { self.text.an_organization() } else { organization.to_string() }
    }

    /// The reader has another role in an organization, or belongs to it no more.
    pub fn own_part(&self, tx: &Tx<'_>, part: &Part<'_>) -> Letter {
        let (text, name) = (self.text, self.called(&part.organization.name));
        let (title, body) = match part.after {
            Some(role) => (text.own_role_title(&name), text.own_role_body(&name, text.role(role))),
            None => (text.put_out_title(&name), text.put_out_body()),
        };
        Letter {
            paragraphs: vec![body],
            rows: vec![(text.date(), self.to.locale.date_time(tx.now))],
            notes: vec![text.own_role_note()],
            ..self.letter(text.security_subject(&self.product, &title), title)
        }
    }

    /// Somebody else is an owner of the reader's organization now, or is none any more.
    pub fn owner_part(&self, tx: &Tx<'_>, part: &Part<'_>) -> Letter {
        let (text, name) = (self.text, self.called(&part.organization.name));
        let person = part.person.name_in_mails();
        let (title, body) = match part.after {
            Some(OrganizationRole::Owner) => (text.owner_title(person, &name), text.owner_body()),
            Some(role) => (text.no_owner_title(person, &name), text.no_owner_body(text.role(role))),
            None => (text.no_owner_title(person, &name), text.owner_gone_body()),
        };
        let people = ReturnTo::Organization { id: part.organization.id };
        let href = format!("{}{}", self.issuer, people.path());
        Letter {
            paragraphs: vec![body],
            rows: vec![(text.date(), self.to.locale.date_time(tx.now))],
            button: Some(Button { label: text.people_button(), href }),
            notes: vec![text.owner_note()],
            ..self.letter(text.security_subject(&self.product, &title), title)
        }
    }
}
