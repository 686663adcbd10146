//! What pages that take an address and a password share: reading the fields, and showing what went wrong.

use app::form::{Complaint, Fault, FormState};
use axum::http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use axum::response::Response;
use domain::{
    ErrorCode,
    identity::{email::Email, password::Password},
    text::Name,
};

use super::asked::Fields;
use crate::http::error::status_of;

/// The longest value that is written back into a field, in characters.
const SHOWN: usize = 300;

/// What was typed, cut to what a page repeats.
pub fn typed(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Reads the field `email`.
///
/// # Errors
/// What is wrong with it.
pub fn email(fields: &Fields) -> Result<Email, Complaint> {
    match fields.get("email").trim() {
        "" => Err(Complaint::Required),
        email => Email::parse(email).map_err(|_| Complaint::Email),
    }
}

/// Reads a password that was chosen before. One that was chosen under older rules is right, too.
///
/// # Errors
/// What is wrong with it.
pub fn given<'a>(fields: &'a Fields, name: &'a str) -> Result<&'a str, Complaint> {
    match fields.get(name) {
        "" => Err(Complaint::Required),
        password => Ok(password),
    }
}

/// Reads a password that somebody chooses.
///
/// # Errors
/// What is wrong with it.
pub fn chosen(fields: &Fields, name: &str) -> Result<Password, Complaint> {
    match fields.get(name) {
        "" => Err(Complaint::Required),
        password => Password::parse(password).map_err(|_| Complaint::PasswordLength),
    }
}

/// Reads the field `name`, which may be empty.
///
/// # Errors
/// What is wrong with it.
pub fn name(fields: &Fields) -> Result<Option<Name>, Complaint> {
    match fields.get("name").trim() {
        "" => Ok(None),
        name => Name::parse(name).map(Some).map_err(|_| Complaint::Name),
    }
}

/// The form with what was typed, but never the password.
pub fn kept(fields: &Fields) -> FormState {
    FormState::default().keep("name", typed(fields.get("name"))).keep("email", typed(fields.get("email")))
}

/// A form that was refused, the status of the page that shows it, and the seconds to wait.
pub struct Refused {
    pub form: FormState,
    pub status: StatusCode,
    wait: Option<i64>,
}

impl Refused {
    /// The form was not filled in right.
    pub const fn invalid(form: FormState) -> Self {
        Self { form, status: StatusCode::BAD_REQUEST, wait: None }
    }

    /// A use case refused what the form asks for.
    ///
    /// # Errors
    /// Gives an internal error back: the form cannot show it.
    pub fn by(error: service::Error, mut form: FormState) -> Result<Self, service::Error> {
        let problem = match error {
            service::Error::Problem(problem) if problem.code != ErrorCode::Internal => problem,
            error => return Err(error),
        };
        let wait = problem.retry_after();
        // A taken address is no fault of the field: the page does not say whose it is.
        let fields = if problem.code == ErrorCode::InvalidInput { problem.fields } else { Vec::new() };
        for field in &fields {
            match field.field.as_str() {
                "password" => form.complain("password", Complaint::PasswordWeak),
                "email" => form.complain("email", Complaint::Email),
                "name" => form.complain("name", Complaint::Name),
                _ => {}
            }
        }
        if form.is_fine() {
            form.fault = Some(wait.map_or(Fault::Code(problem.code), Fault::Wait));
        }
        Ok(Self { form, status: status_of(problem.code), wait })
    }

    /// Says in the answer's headers how long to wait.
    pub fn delay(wait: Option<i64>, mut response: Response) -> Response {
        if let Some(seconds) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }

    pub const fn wait(&self) -> Option<i64> {
        self.wait
    }
}
