//! What is wrong with one value: a closed list, so that pages can say it in every language. Displayed in English, as
//! a sentence without its field's name.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::billing::coupon::Refusal;

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Flaw {
    #[error("must have {min} to {max} characters")]
    Length { min: usize, max: usize },
    #[error("must have at most {max} characters")]
    TooLong { max: usize },
    #[error("must not contain control characters")]
    Control,
    #[error("must have 1 to {max} characters of {}", .of.letters())]
    Letters { max: usize, of: Alphabet },
    #[error("is required")]
    Required,
    #[error("must begin with {0}")]
    Prefix(Cow<'static, str>),
    /// `like` is one as it should be.
    #[error("must be written like {like}")]
    Form { like: Cow<'static, str> },
    #[error("must be an e-mail address")]
    Email,
    #[error("is nobody's address on this server")]
    Nobody,
    #[error("is taken")]
    Taken,
    #[error("belongs to another application")]
    Elsewhere,
    /// Something that waited when the page was made.
    #[error("is over")]
    Over,
    /// An organization has asked so many people already.
    #[error("is one too many: {max} invitations wait already")]
    Invitations { max: u64 },
    /// An application has so many webhooks already.
    #[error("is one too many: there are {max} webhooks already")]
    Webhooks { max: u64 },
    /// An application has so many clients already.
    #[error("is one too many: there are {max} clients already")]
    Clients { max: u64 },
    #[error("must be at most {max} addresses")]
    Addresses { max: usize },
    /// Something that has to be switched on first.
    #[error("must be on")]
    Off,
    #[error("must be one of {0}")]
    OneOf(Cow<'static, str>),
    #[error("must be exactly “{0}”")]
    Exactly(String),

    #[error("must be an absolute URI")]
    Uri,
    #[error("must be a plain URI of at most {max} characters, without wildcards")]
    PlainUri { max: usize },
    #[error("must have no fragment")]
    Fragment,
    #[error("must have no query and no fragment")]
    QueryOrFragment,
    /// Of a redirect URI.
    #[error("must not have the parameter {0} in its query: answers bring their own")]
    Parameter(Cow<'static, str>),
    #[error("must have no user information")]
    UserInformation,
    #[error("must use https, except on a loopback address")]
    Https,
    #[error("must use https: a public client's address may be anybody's")]
    HttpsOfPublic,
    #[error("has a scheme that is not allowed")]
    Scheme,
    #[error("must use https, or a private scheme with a dot such as com.example.app")]
    PrivateScheme,
    #[error("must be an absolute http or https URL, without user information")]
    WebUrl,

    #[error("does not answer")]
    Unreachable,
    #[error("is not an address of the public internet")]
    PrivateAddress,
    #[error("has no discovery document of OpenID Connect")]
    Discovery,
    #[error("calls itself {says} in its discovery document")]
    OtherIssuer { says: String },

    #[error("must be a JWK set of public keys: RSA, EC with P-256, or OKP with Ed25519")]
    Jwks,

    #[error("must be a colour such as #4f46e5")]
    Color,
    #[error("must be 0px to 32px")]
    Radius,
    #[error("must be more than 0 and at most 100, with two decimals at most")]
    Percent,
    #[error("must be {min} to {max}")]
    Between { min: i64, max: i64 },
    #[error("must be a whole number from 0 to {max}")]
    Whole { max: i64 },
    #[error("must be whole rupiah: IDR amounts are divisible by 100")]
    WholeRupiah,
    #[error("must be a decimal number")]
    Decimal,
    #[error("{code} has {digits} decimals")]
    Decimals { code: String, digits: u32 },
    #[error("cannot be sold through Stripe, which counts {code} in other units than ISO 4217")]
    StripeUnits { code: String },
    #[error("must be divisible by 10: Stripe takes {code} with two decimals")]
    StripeStep { code: String },
    #[error("cannot be sold through Midtrans, which takes rupiah only")]
    MidtransRupiah,
    /// An amount that can be read in two ways, or in none; `like` is one as it should be.
    #[error("must be written like {like}")]
    Amount { like: String },
    #[error("must be a currency code of ISO 4217, such as usd")]
    Currency,
    #[error("must be a date and time such as 2027-01-31T12:00")]
    Moment,
    #[error("must lie in the future")]
    Past,
    /// A key that its provider was asked about.
    #[error("is refused by the provider")]
    KeyRefused,
    #[error(
        "must be a number of hours, days, weeks, months or years such as 12h, 3d, 2w, 1mo or 1y, ten years at most"
    )]
    ClockStep,
    /// Days of a schedule.
    #[error("must be up to {steps} growing numbers from {min} to {max}, such as 1, 3, 5")]
    Growing { steps: usize, min: u8, max: u8 },
    #[error("must be up to {steps} falling numbers from {max} to {min}, such as 3, 0")]
    Falling { steps: usize, min: u8, max: u8 },

    #[error("must be true or false")]
    Boolean,
    #[error("must be a number such as 50 or 2.5")]
    Number,
    #[error("has a number out of range")]
    NumberRange,
    #[error("must not contain NUL")]
    Nul,
    #[error("must be a JSON object")]
    Object,
    #[error("line {line}, column {column}: {what}")]
    Json { line: usize, column: usize, what: JsonFlaw },
    #[error("take {size} bytes of JSON; at most {max} are allowed")]
    Bytes { size: usize, max: usize },
    #[error("may be nested {max} levels deep at most")]
    Depth { max: usize },
    #[error("needs a key")]
    Keyless,
    #[error("is there twice")]
    Twice,

    #[error("must have 1 to 64 characters of A-Z, a-z, 0-9, _, . and -, and start with a letter or _")]
    ClaimName,
    #[error("is a reserved claim")]
    ClaimReserved,
    #[error("must be a string, a number, a boolean or an array of strings")]
    ClaimValue,
    #[error("must be a plan's key or null")]
    ClaimPlan,

    #[error("is not a plan of this application")]
    ForeignPlan,
    #[error("is not a price of this plan")]
    ForeignPrice,
    #[error("costs something else by now: look at it again")]
    Outdated,
    #[error("is no coupon of this application")]
    UnknownCoupon,
    #[error("{0}")]
    Coupon(Refusal),
    #[error("is not a role of this application")]
    ForeignRole,
    #[error("an archived plan cannot be the default")]
    ArchivedDefault,
    #[error("is not known to this page")]
    UnknownAction,

    /// One of several values in a field: its name, and what is wrong with it.
    #[error("{0} {1}")]
    Of(String, Box<Flaw>),
    /// A sentence in English, where no page but only a program can ask for such a value.
    #[error("{0}")]
    Api(Cow<'static, str>),
}

/// Why a text is not the JSON that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum JsonFlaw {
    #[error("ends too early")]
    Ended,
    #[error("must be an object such as {{\"maxProjects\": 50}}")]
    NoObject,
    /// A key that the same object has already.
    #[error("{0} is there twice")]
    Twice(String),
    /// What the parser says.
    #[error("{0}")]
    Syntax(String),
}

/// The characters that a key or another short name may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alphabet {
    Slug,
    Key,
    Permission,
    Client,
}

impl Alphabet {
    pub const fn has(self, c: char) -> bool {
        match self {
            Self::Slug => matches!(c, 'a'..='z' | '0'..='9' | '-'),
            Self::Key | Self::Permission => matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'),
            Self::Client => c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-'),
        }
    }

    const fn letters(self) -> &'static str {
        match self {
            Self::Slug => "a-z, 0-9 and -",
            Self::Key => "a-z, 0-9, _ and -",
            Self::Permission => "a-z, 0-9, _ and -, perhaps with .write",
            Self::Client => "letters, digits, ., _, ~ and -",
        }
    }
}

impl Flaw {
    /// The flaw of one of a field's values.
    pub fn of(self, name: impl Into<String>) -> Self {
        Self::Of(name.into(), Box::new(self))
    }
}

impl From<&'static str> for Flaw {
    fn from(sentence: &'static str) -> Self {
        Self::Api(sentence.into())
    }
}

impl From<String> for Flaw {
    fn from(sentence: String) -> Self {
        Self::Api(sentence.into())
    }
}

impl From<crate::Problem> for Flaw {
    /// The first field's.
    fn from(problem: crate::Problem) -> Self {
        problem.fields.into_iter().next().map_or_else(|| problem.message.into(), |field| field.flaw)
    }
}
