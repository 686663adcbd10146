//! Sign-in and what surrounds it.

mod ask_mail;
mod consent;
mod device;
mod fields;
mod link;
mod password;
mod register;
mod setup;
mod sign_in;
mod sign_out;
mod strength;
mod upstream;

pub use ask_mail::{Ask, AskMailPage};
pub use consent::ConsentPage;
pub(crate) use consent::Scopes;
pub(crate) use password::PasswordField;

pub use device::{DeviceCodePage, DevicePage};
pub(crate) use fields::EmailField;
pub use link::{ConfirmPage, NewPasswordPage};
pub use register::RegisterPage;
pub use setup::SetupPage;
pub use sign_in::SignInPage;
pub use sign_out::SignOutPage;
pub use upstream::{LinkPage, Offer};
