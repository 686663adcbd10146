//! What is wrong with a value, as the end of a sentence that begins with the field's name.

use domain::{
    Flaw, Locale,
    flaw::{Alphabet, JsonFlaw},
};

use crate::i18n::Text;

impl Text {
    /// `must have 1 to 64 characters`, `harus terdiri dari 1 sampai 64 karakter`.
    pub fn flaw(self, flaw: &Flaw) -> String {
        match self.locale() {
            Locale::En => english(flaw),
            Locale::Id => indonesian(flaw),
        }
    }

    /// The same below its field, where it begins the sentence.
    pub fn flaw_below(self, flaw: &Flaw) -> String {
        let sentence = self.flaw(flaw);
        let mut letters = sentence.chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).collect()
    }
}

/// As the API says it; what was typed stands in quotes.
fn english(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Of(value, flaw) => format!("“{value}” {}", english(flaw)),
        flaw => flaw.to_string(),
    }
}

fn indonesian(flaw: &Flaw) -> String {
    let fixed = match flaw {
        Flaw::Length { min, max } => return format!("harus terdiri dari {min} sampai {max} karakter"),
        Flaw::TooLong { max } => return format!("paling banyak {max} karakter"),
        Flaw::Letters { max, of } => return format!("harus terdiri dari 1 sampai {max} karakter {}", letters(*of)),
        Flaw::OneOf(all) => return format!("harus salah satu dari {all}"),
        Flaw::Prefix(heads) => return format!("harus diawali {heads}"),
        Flaw::Invitations { max } => return format!("melebihi batas: {max} undangan masih menunggu"),
        Flaw::Webhooks { max } => return format!("melebihi batas: sudah ada {max} webhook"),
        Flaw::Clients { max } => return format!("melebihi batas: sudah ada {max} client"),
        Flaw::Addresses { max } => return format!("paling banyak {max} alamat"),
        Flaw::Exactly(what) => return format!("harus persis “{what}”"),
        Flaw::Parameter(name) => {
            return format!("tidak boleh memuat parameter {name} dalam kuerinya: jawaban membawanya");
        }
        Flaw::PlainUri { max } => return format!("harus URI biasa paling panjang {max} karakter, tanpa wildcard"),
        Flaw::Between { min, max } => return format!("harus antara {min} dan {max}"),
        Flaw::Growing { steps, min, max } => {
            return format!("paling banyak {steps} angka menaik dari {min} sampai {max}, seperti 1, 3, 5");
        }
        Flaw::Falling { steps, min, max } => {
            return format!("paling banyak {steps} angka menurun dari {max} sampai {min}, seperti 3, 0");
        }
        Flaw::Whole { max } => return format!("harus bilangan bulat dari 0 sampai {max}"),
        Flaw::Decimals { code, digits: 0 } => return format!("dalam {code} ditulis tanpa desimal"),
        Flaw::Decimals { code, digits } => return format!("dalam {code} memiliki {digits} desimal"),
        Flaw::StripeUnits { code } => {
            return format!("tidak dapat dijual lewat Stripe, yang menghitung {code} dalam satuan lain dari ISO 4217");
        }
        Flaw::StripeStep { code } => {
            return format!("harus habis dibagi 10: Stripe menerima {code} dengan dua desimal");
        }
        Flaw::MidtransRupiah => "tidak dapat dijual lewat Midtrans, yang hanya menerima rupiah",
        Flaw::Form { like } => return format!("harus ditulis seperti {like}"),
        Flaw::Amount { like } => return format!("harus ditulis seperti {like}"),
        Flaw::Json { line, column, what } => return format!("baris {line}, kolom {column}: {}", json(what)),
        Flaw::Bytes { size, max } => return format!("memakai {size} byte JSON; paling banyak {max}"),
        Flaw::Depth { max } => return format!("boleh bersarang paling dalam {max} tingkat"),
        Flaw::Of(name, flaw) => return format!("“{name}” {}", indonesian(flaw)),
        Flaw::Coupon(refusal) => return Text(Locale::Id).coupon_refused(*refusal),
        Flaw::Api(sentence) => return sentence.to_string(),
        Flaw::OtherIssuer { says } => return format!("menyebut dirinya {says} dalam dokumen discovery"),
        Flaw::Unreachable => "tidak menjawab",
        Flaw::PrivateAddress => "bukan alamat di internet publik",
        Flaw::Discovery => "tidak memiliki dokumen discovery OpenID Connect",
        Flaw::Jwks => "harus berupa set JWK kunci publik: RSA, EC dengan P-256, atau OKP dengan Ed25519",
        Flaw::Control => "tidak boleh memuat karakter kontrol",
        Flaw::Required => "wajib diisi",
        Flaw::Outdated => "kini berbeda biayanya: periksa lagi",
        Flaw::UnknownCoupon => "bukan kupon aplikasi ini",
        Flaw::Email => "harus berupa alamat email",
        Flaw::Nobody => "bukan alamat siapa pun di server ini",
        Flaw::Taken => "sudah dipakai",
        Flaw::Elsewhere => "milik aplikasi lain",
        Flaw::Over => "sudah berakhir",
        Flaw::Off => "harus aktif",
        Flaw::Uri => "harus berupa URI absolut",
        Flaw::Fragment => "tidak boleh memiliki fragmen",
        Flaw::QueryOrFragment => "tidak boleh memiliki kueri dan fragmen",
        Flaw::UserInformation => "tidak boleh memuat informasi pengguna",
        Flaw::Https => "harus memakai https, kecuali pada alamat loopback",
        Flaw::HttpsOfPublic => "harus memakai https: alamat klien publik bisa milik siapa saja",
        Flaw::Scheme => "memiliki skema yang tidak diizinkan",
        Flaw::PrivateScheme => "harus memakai https, atau skema pribadi bertitik seperti com.example.app",
        Flaw::WebUrl => "harus berupa URL http atau https absolut, tanpa informasi pengguna",
        Flaw::KeyRefused => "ditolak oleh penyedia",
        Flaw::Percent => "harus lebih dari 0 dan paling banyak 100, dengan paling banyak dua desimal",
        Flaw::Color => "harus berupa warna seperti #4f46e5",
        Flaw::Radius => "harus 0px sampai 32px",
        Flaw::WholeRupiah => "harus rupiah bulat: jumlah IDR habis dibagi 100",
        Flaw::Decimal => "harus berupa angka desimal",
        Flaw::Currency => "harus berupa kode mata uang ISO 4217, seperti idr",
        Flaw::Moment => "harus berupa tanggal dan waktu seperti 2027-01-31T12:00",
        Flaw::ClockStep => {
            "harus berupa jumlah jam, hari, minggu, bulan, atau tahun seperti 12h, 3d, 2w, 1mo, atau 1y, paling lama sepuluh tahun"
        }
        Flaw::Past => "harus di masa depan",
        Flaw::Boolean => "harus true atau false",
        Flaw::Number => "harus berupa angka seperti 50 atau 2.5",
        Flaw::NumberRange => "memuat angka di luar jangkauan",
        Flaw::Nul => "tidak boleh memuat NUL",
        Flaw::Object => "harus berupa objek JSON",
        Flaw::Keyless => "memerlukan kunci",
        Flaw::Twice => "ada dua kali",
        Flaw::ClaimName => "harus terdiri dari 1 sampai 64 karakter A-Z, a-z, 0-9, _, . dan -, diawali huruf atau _",
        Flaw::ClaimReserved => "adalah claim yang dicadangkan",
        Flaw::ClaimValue => "harus berupa teks, angka, boolean, atau daftar teks",
        Flaw::ClaimPlan => "harus berupa kunci paket atau null",
        Flaw::ForeignPlan => "bukan paket aplikasi ini",
        Flaw::ForeignPrice => "bukan harga paket ini",
        Flaw::ForeignRole => "bukan peran aplikasi ini",
        Flaw::ArchivedDefault => "tidak berlaku untuk paket yang diarsipkan",
        Flaw::UnknownAction => "tidak dikenal di halaman ini",
    };
    fixed.to_owned()
}

const fn letters(of: Alphabet) -> &'static str {
    match of {
        Alphabet::Slug => "a-z, 0-9 dan -",
        Alphabet::Key => "a-z, 0-9, _ dan -",
        Alphabet::Permission => "a-z, 0-9, _ dan -, boleh diakhiri .write",
        Alphabet::Client => "huruf, angka, ., _, ~ dan -",
    }
}

fn json(flaw: &JsonFlaw) -> String {
    let fixed = match flaw {
        JsonFlaw::Twice(key) => return format!("{key} ada dua kali"),
        JsonFlaw::Ended => "berakhir terlalu cepat",
        JsonFlaw::NoObject => "harus berupa objek seperti {\"maxProjects\": 50}",
        JsonFlaw::Syntax(_) => "bukan JSON yang benar",
    };
    fixed.to_owned()
}
