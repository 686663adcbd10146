//! The fields of the form: what is known, what was typed, and the change that it asks for.

use std::{borrow::Cow, mem};

use app::form::{Complaint, FormState};
use domain::{
    Flaw, Locale,
    identity::{
        profile::{Address, AddressPart, Birthdate, PhoneNumber, ZoneInfo},
        user::User,
    },
    text::Name,
    theme::WebUrl,
};
use service::identity::account::ProfilePatch;

use crate::pages::asked::Fields;

/// What is known, as the form's values; a field that `form` has already keeps what it has.
pub fn known(user: &User, form: FormState) -> FormState {
    let own = user.profile.clone();
    let address = own.address.unwrap_or_default();
    [
        ("name", text(user.name.clone())),
        ("given_name", text(own.given_name)),
        ("family_name", text(own.family_name)),
        ("middle_name", text(own.middle_name)),
        ("nickname", text(own.nickname)),
        ("preferred_username", text(own.preferred_username)),
        ("profile", text(own.profile)),
        ("picture", text(own.picture)),
        ("website", text(own.website)),
        ("gender", text(own.gender)),
        ("birthdate", text(own.birthdate)),
        ("zoneinfo", text(own.zone_info)),
        ("phone_number", text(own.phone_number)),
        ("formatted", text(address.formatted)),
        ("street_address", text(address.street_address)),
        ("locality", text(address.locality)),
        ("region", text(address.region)),
        ("postal_code", text(address.postal_code)),
        ("country", text(address.country)),
        ("locale", text(user.locale.map(Locale::tag))),
    ]
    .into_iter()
    .fold(form, |form, (name, value)| form.keep(name, value))
}

fn text(value: Option<impl Into<String>>) -> String {
    value.map(Into::into).unwrap_or_default()
}

/// The change that was sent, and the form with what was typed and what is wrong with it. An empty field says nothing;
/// one that was not sent, as by a page of an earlier version, stays as it is.
pub fn read(user: &User, fields: &Fields) -> (ProfilePatch, FormState) {
    let mut reader = Reader { fields, form: FormState::default() };
    let patch = ProfilePatch {
        name: reader.name("name"),
        given_name: reader.name("given_name"),
        family_name: reader.name("family_name"),
        preferred_username: reader.name("preferred_username"),
        phone_number: reader.part("phone_number", |text| PhoneNumber::parse(&text.replace([' ', '-'], ""))),
        birthdate: reader.part("birthdate", Birthdate::parse),
        zone_info: reader.part("zoneinfo", ZoneInfo::parse),
        locale: reader.typed("locale").map(|tag| Locale::from_tag(&tag)),
        middle_name: reader.name("middle_name"),
        nickname: reader.name("nickname"),
        gender: reader.name("gender"),
        profile: reader.part("profile", WebUrl::parse),
        picture: reader.part("picture", WebUrl::parse),
        website: reader.part("website", WebUrl::parse),
        address: Some(Some(reader.address(user.profile.address.as_ref()))),
    };
    (patch, known(user, reader.form))
}

/// Reads the fields in the order in which the page has them, and keeps what was typed.
struct Reader<'a> {
    fields: &'a Fields,
    form: FormState,
}

impl Reader<'_> {
    /// What was typed, without the space around it.
    fn typed(&mut self, name: &'static str) -> Option<String> {
        // Browsers send the end of a line so, and count it as one character.
        let typed = self.fields.all(name).next()?.replace("\r\n", "\n");
        let shown: String = typed.chars().take(WebUrl::MAX.into()).collect();
        self.form = mem::take(&mut self.form).keep(name, shown);
        Some(typed.trim().to_owned())
    }

    fn part<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, Flaw>) -> Option<Option<T>> {
        let text = self.typed(name)?;
        if text.is_empty() {
            return Some(None);
        }
        Some(self.form.read(name, parse(&text).map_err(|flaw| complaint(&flaw))))
    }

    fn name(&mut self, name: &'static str) -> Option<Option<Name>> {
        self.part(name, Name::parse)
    }

    /// The whole address, of which `known` says what was not sent.
    fn address(&mut self, known: Option<&Address>) -> Address {
        let mut address = known.cloned().unwrap_or_default();
        for (name, part) in [
            ("street_address", &mut address.street_address),
            ("locality", &mut address.locality),
            ("region", &mut address.region),
            ("postal_code", &mut address.postal_code),
            ("country", &mut address.country),
            ("formatted", &mut address.formatted),
        ] {
            if let Some(said) = self.part(name, AddressPart::parse) {
                *part = said;
            }
        }
        address
    }
}

fn complaint(flaw: &Flaw) -> Complaint {
    match flaw {
        Flaw::Form { like: Cow::Borrowed(like) } => Complaint::Like(like),
        Flaw::WebUrl => Complaint::Like("https://www.example.com"),
        Flaw::Length { max, .. } | Flaw::TooLong { max } => Complaint::Length(*max),
        _ => Complaint::Other,
    }
}
