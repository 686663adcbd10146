//! What somebody typed into a form, and what is wrong with it. A password is never among the values.

use domain::{ErrorCode, billing::coupon::Refusal};

use crate::i18n::Text;

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    Required,
    Email,
    PasswordLength,
    PasswordWeak,
    Name,
    /// It has more characters than this, or none.
    Length(usize),
    Plan,
    PlanGone,
    /// A code of a second factor.
    Code,
    /// The first one of an app that is being set up.
    FirstCode,
    /// A code that is no coupon here, or why it is refused.
    Coupon(Option<Refusal>),
    /// Too many were tried: seconds to wait.
    Wait(i64),
    /// It has a form, such as this one.
    Like(&'static str),
    /// It is not the password of the account.
    PasswordWrong,
    /// No device waits for this code.
    DeviceCode,
    /// Who has this address is a member already.
    Member,
    /// It is the address that the account has.
    SameEmail,
    /// Too many people are asked already.
    Invitations,
    Other,
}

impl Complaint {
    pub fn text(self, text: Text) -> String {
        match self {
            Self::Required => text.field_required(),
            Self::Email => text.field_email(),
            Self::PasswordLength => text.field_password_length(),
            Self::PasswordWeak => text.field_password_weak(),
            Self::Name => text.field_length(100),
            Self::Length(max) => text.field_length(max),
            Self::Plan => text.field_plan(),
            Self::PlanGone => text.plan_gone(),
            Self::Code => text.field_code(),
            Self::FirstCode => text.field_first_code(),
            Self::Coupon(None) => text.coupon_unknown(),
            Self::Wait(seconds) => Fault::Wait(seconds).text(text),
            Self::Coupon(Some(refusal)) => text.coupon_refused(refusal),
            Self::Like(like) => text.field_like(like),
            Self::PasswordWrong => text.password_wrong(),
            Self::DeviceCode => text.device_code_unknown(),
            Self::Member => text.problem(ErrorCode::OrganizationMemberTaken),
            Self::SameEmail => text.address_same(),
            Self::Invitations => text.invitations_full(),
            Self::Other => text.field_other(),
        }
    }
}

/// What is wrong with the whole form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Code(ErrorCode),
    /// Too many attempts: seconds to wait.
    Wait(i64),
    /// The page was of yesterday: what it offered is done, or cannot be done any more.
    Stale,
    /// A passkey that was not accepted.
    Passkey,
    /// What somebody wants to take away is the only thing by which they sign in.
    OnlyWay,
}

impl Fault {
    pub fn text(self, text: Text) -> String {
        match self {
            Self::Code(code) => text.problem(code),
            Self::Stale => text.nothing_to_do(),
            Self::Passkey => text.passkey_refused(),
            Self::OnlyWay => text.only_way(),
            Self::Wait(..=1) => text.wait_a_moment(),
            Self::Wait(seconds @ ..=90) => text.wait_seconds(seconds),
            Self::Wait(seconds) => text.wait_minutes((seconds + 59) / 60),
        }
    }
}

/// A form as it was sent, for rendering it again.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    values: Vec<(&'static str, String)>,
    complaints: Vec<(&'static str, Complaint)>,
    pub fault: Option<Fault>,
}

impl FormState {
    /// A form that was refused as a whole.
    pub fn failed(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// Keeps what was typed into a field.
    pub fn keep(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Complains about a field.
    pub fn complain(&mut self, name: &'static str, complaint: Complaint) {
        self.complaints.push((name, complaint));
    }

    /// What was read from a field; complains where that failed.
    pub fn read<T>(&mut self, name: &'static str, read: Result<T, Complaint>) -> Option<T> {
        read.map_err(|complaint| self.complain(name, complaint)).ok()
    }

    /// Nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.complaints.is_empty() && self.fault.is_none()
    }

    pub fn value(&self, name: &str) -> String {
        self.values.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The sentence beside a field.
    pub fn error(&self, name: &str, text: Text) -> Option<String> {
        self.complaints.iter().find(|(field, _)| *field == name).map(|(_, complaint)| complaint.text(text))
    }

    /// The sentence about the whole.
    pub fn message(&self, text: Text) -> Option<String> {
        self.fault.map(|fault| fault.text(text))
    }

    /// Every complaint with the id of its field.
    pub fn complaints(&self, text: Text) -> Vec<(String, String)> {
        self.complaints_called(text, |_| None)
    }

    /// The same on a page that calls some fields as `own` says.
    pub fn complaints_called(&self, text: Text, own: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
        let label = |name: &str| own(name).or_else(|| usual(text, name));
        let sentence = |name: &str, complaint: &Complaint| match label(name) {
            Some(label) => format!("{label}: {}", complaint.text(text)),
            None => complaint.text(text),
        };
        self.complaints.iter().map(|(name, complaint)| ((*name).to_owned(), sentence(name, complaint))).collect()
    }
}

/// What a field is called on most pages.
fn usual(text: Text, name: &str) -> Option<String> {
    match name {
        "email" => Some(text.email()),
        "password" => Some(text.password()),
        "name" => Some(text.name()),
        "user_code" => Some(text.device_code()),
        "new_password" => Some(text.password_new()),
        "given_name" => Some(text.account_given_name()),
        "family_name" => Some(text.account_family_name()),
        "middle_name" => Some(text.account_middle_name()),
        "nickname" => Some(text.account_nickname()),
        "preferred_username" => Some(text.account_username()),
        "profile" => Some(text.account_page()),
        "picture" => Some(text.account_picture()),
        "website" => Some(text.account_website()),
        "gender" => Some(text.account_gender()),
        "birthdate" => Some(text.account_birthdate()),
        "zoneinfo" => Some(text.account_zone()),
        "phone_number" => Some(text.account_phone()),
        "formatted" => Some(text.account_whole_address()),
        "street_address" => Some(text.account_street()),
        "locality" => Some(text.account_locality()),
        "region" => Some(text.account_region()),
        "postal_code" => Some(text.account_postal_code()),
        "country" => Some(text.account_country()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::Locale;

    use super::*;

    #[test]
    fn a_wait_is_told_in_what_people_count() {
        let said = |seconds| Fault::Wait(seconds).text(Text(Locale::En));
        assert_eq!(said(1), "Too many attempts. Wait a little, then try again.");
        assert_eq!(said(2), "Too many attempts. Wait 2 seconds, then try again.");
        assert_eq!(said(91), "Too many attempts. Wait 2 minutes, then try again.");
    }
}
