//! Words that somebody begins with who guesses passwords.

use domain::{identity::email::Email, text::Name};

/// What people take everywhere and then put digits and signs behind, and what they take in Indonesia, which the lists of
/// zxcvbn, all of English, do not know.
pub(super) const COMMON: &str = "turnpike \
    admin administrator changeme company default guest hello letmein login master pass password qwerty root secret \
    test user welcome spring summer autumn winter january february march april june july august september october \
    november december india \
    katasandi sandi rahasia passwordku lupapassword lupa terserah gratis \
    sayang sayangku sayangkamu akusayangkamu cinta cintaku cintakamu akucintakamu kamu kangen rindu kenangan selamanya \
    pacarku bismillah alhamdulillah assalamualaikum insyaallah subhanallah astaghfirullah allahuakbar muhammad \
    ramadhan lebaran indonesia indonesiaraya merdeka pancasila garuda nusantara jakarta bandung surabaya yogyakarta \
    semarang medan makassar persija persib arema semangat sukses bahagia selamat berkah rejeki keluarga mamapapa \
    ayahibu anakku akuanakbaik sahabat mahasiswa sekolah matahari bintang pelangi melati mawar kucing doraemon naruto \
    anjing bangsat bajingan kampret";

/// Fewest letters of a word that counts: shorter ones are in any password.
const SHORTEST: usize = 3;

/// What is known of whoever chooses a password: address and name, whole and in words.
pub(crate) fn hints(email: Option<&Email>, name: Option<&Name>) -> Vec<String> {
    let address = email.map(Email::as_str).unwrap_or_default();
    let wholes = [address].into_iter().chain(address.split('@')).chain(name.map(Name::as_str));
    let words = wholes.flat_map(|whole| [whole].into_iter().chain(whole.split(|c: char| !c.is_alphabetic())));
    words.filter(|word| word.chars().count() >= SHORTEST).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_and_name_are_known_whole_and_in_words() {
        let (email, name) = (Email::parse("budi.s1990@kopi.example").unwrap(), Name::parse("Budi Al Santoso").unwrap());
        let known = hints(Some(&email), Some(&name));
        for word in ["budi.s1990@kopi.example", "budi.s1990", "budi", "kopi", "example", "Budi Al Santoso", "Santoso"] {
            assert!(known.iter().any(|known| known == word), "{word}: {known:?}");
        }
        assert!(known.iter().all(|word| word != "s" && word != "Al"), "{known:?}");
        assert_eq!(hints(None, None), Vec::<String>::new());
    }
}
