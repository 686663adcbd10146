//! Words that somebody begins with who guesses passwords.

use domain::{identity::email::Email, text::Name};
use url::Url;

use crate::Services;

/// What people take everywhere and then put digits and signs behind, and what they take in Indonesia, which the lists of
/// zxcvbn, all of English, do not know.
pub(super) const COMMON: &str = "turnpike \
    admin administrator changeme company default guest hello letmein login master pass password qwerty root secret \
    test user welcome spring summer autumn winter january february march april june july august september october \
    november december india huawei samsung xiaomi nokia apple google facebook instagram \
    januari februari maret mei juni juli agustus oktober desember \
    katasandi sandi rahasia passwordku lupapassword lupa terserah gratis \
    sayang sayangku sayangkamu akusayangkamu cinta cintaku cintakamu akucintakamu kamu kangen rindu kenangan selamanya \
    pacarku bismillah alhamdulillah assalamualaikum insyaallah subhanallah astaghfirullah allahuakbar muhammad \
    ramadhan lebaran indonesia indonesiaraya merdeka pancasila garuda nusantara jakarta bandung surabaya yogyakarta \
    semarang medan makassar persija persib arema semangat sukses bahagia selamat berkah rejeki keluarga mamapapa \
    ayahibu anakku akuanakbaik sahabat mahasiswa sekolah matahari bintang pelangi melati mawar kucing doraemon naruto \
    anjing bangsat bajingan kampret";

/// Fewest letters of a word that counts: shorter ones are in any password.
const SHORTEST: usize = 3;

/// The names of at most so many applications count, of the oldest.
const APPLICATIONS: usize = 100;

impl Services {
    /// What whoever guesses a password knows: the products it may be for, and the address and the name of whoever
    /// chooses it, whole and in words.
    pub(crate) fn hints(&self, email: Option<&Email>, name: Option<&Name>) -> Vec<String> {
        let directory = self.directory();
        let mut applications: Vec<_> = directory.applications.values().map(|entry| &entry.application).collect();
        applications.sort_by_key(|own| own.id);
        let applications = applications.into_iter().take(APPLICATIONS);
        let products = applications.flat_map(|own| [own.settings.name.as_str(), own.slug.as_str()]);
        let host = Url::parse(&self.settings.issuer).ok().and_then(|issuer| Some(issuer.domain()?.to_owned()));
        let address = email.map(Email::as_str).unwrap_or_default();
        let own = [address].into_iter().chain(address.split('@')).chain(name.map(Name::as_str));
        words(own.chain(products).chain(host.as_deref())).collect()
    }
}

/// The texts and the words in them, but for those that are too short.
fn words<'a>(wholes: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    let words = wholes.flat_map(|whole| [whole].into_iter().chain(whole.split(|c: char| !c.is_alphabetic())));
    words.filter(|word| word.chars().count() >= SHORTEST).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_counts_whole_and_in_words() {
        let known: Vec<String> = words(["budi.s1990@kopi.example", "Budi Al Santoso"].into_iter()).collect();
        for word in ["budi.s1990@kopi.example", "budi", "kopi", "example", "Budi Al Santoso", "Santoso"] {
            assert!(known.iter().any(|known| known == word), "{word}: {known:?}");
        }
        assert!(known.iter().all(|word| word != "s" && word != "Al"), "{known:?}");
    }
}
