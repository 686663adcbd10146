//! What mails say, in English and Indonesian. Each sentence stands in both languages side by side, so that a missing
//! translation does not compile.

use domain::{Locale, identity::organization::OrganizationRole};

/// Everything that mails can say, in one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text(pub Locale);

/// `name(arguments) "English" | "Indonesian";` becomes a method of [`Text`] that gives the sentence.
macro_rules! messages {
    ($($name:ident($($arg:ident),*) $en:literal | $id:literal;)*) => {
        impl Text {$(
            pub fn $name(self $(, $arg: impl std::fmt::Display)*) -> String {
                match self.0 {
                    Locale::En => format!($en),
                    Locale::Id => format!($id),
                }
            }
        )*}
    };
}

messages! {
    invoice_subject(product, number) "{product}: invoice {number}" | "{product}: faktur {number}";
    invoice_title() "Your invoice" | "Faktur Anda";
    invoice_body(plan, date) "Your next period of {plan} begins on {date}. Pay this invoice by then to go on without a break." | "Periode {plan} berikutnya dimulai pada {date}. Bayar faktur ini sebelum itu agar layanan tidak terputus.";
    reminder_subject(product, number) "{product}: reminder of invoice {number}" | "{product}: pengingat faktur {number}";
    reminder_title() "This invoice is not paid yet" | "Faktur ini belum dibayar";
    reminder_body(plan, date) "Your invoice for {plan} is due on {date}." | "Faktur {plan} Anda jatuh tempo pada {date}.";
    overdue_body(plan, date) "Your invoice for {plan} was due on {date}." | "Faktur {plan} Anda jatuh tempo pada {date}.";
    behind_subject(product) "{product}: your payment is missing" | "{product}: pembayaran Anda belum diterima";
    behind_title() "Your payment has not arrived" | "Pembayaran Anda belum diterima";
    failed_subject(product) "{product}: your payment did not go through" | "{product}: pembayaran Anda tidak berhasil";
    failed_title() "Your payment did not go through" | "Pembayaran Anda tidak berhasil";
    failed_body(plan) "The payment method that we have from you could not be charged for {plan}. It may be tried again; paying by the link below settles it at once." | "Metode pembayaran Anda tidak dapat ditagih untuk {plan}. Penagihan dapat dicoba lagi; membayar lewat tautan di bawah langsung menyelesaikannya.";
    failed_elsewhere_body(plan) "The payment method that we have from you could not be charged for {plan}. Please check it, or put another in its place." | "Metode pembayaran Anda tidak dapat ditagih untuk {plan}. Mohon periksa, atau ganti dengan yang lain.";
    keeps_until(date) "You keep all features until {date}. Without payment the subscription ends then." | "Semua fitur tetap tersedia sampai {date}. Tanpa pembayaran, langganan berakhir pada tanggal itu.";
    receipt_subject(product, number) "{product}: receipt for {number}" | "{product}: bukti pembayaran {number}";
    receipt_title() "Thank you for your payment" | "Terima kasih atas pembayaran Anda";
    receipt_body(plan) "Your payment for {plan} has arrived." | "Pembayaran Anda untuk {plan} sudah diterima.";
    canceled_subject(product) "{product}: your subscription is canceled" | "{product}: langganan Anda dibatalkan";
    canceled_title() "Your subscription is canceled" | "Langganan Anda dibatalkan";
    canceled_body(plan, date) "You keep {plan} until {date}. It ends then, and nothing more is charged." | "{plan} tetap tersedia sampai {date}. Setelah itu langganan berakhir dan tidak ada lagi yang ditagih.";
    canceled_note(product) "Until then you can take the cancellation back in {product}." | "Sampai saat itu pembatalan masih dapat ditarik di {product}.";
    ended_subject(product) "{product}: your subscription has ended" | "{product}: langganan Anda telah berakhir";
    ended_title() "Your subscription has ended" | "Langganan Anda telah berakhir";
    ended_body(plan, date) "{plan} ended on {date}. Nothing more is charged." | "{plan} berakhir pada {date}. Tidak ada lagi yang ditagih.";
    ended_trial_body(plan, date) "Your trial of {plan} ended on {date}. Nothing is charged." | "Uji coba {plan} Anda berakhir pada {date}. Tidak ada yang ditagih.";
    ended_unpaid_body(plan, date) "{plan} ended on {date}, because its payment did not arrive. Nothing more is charged." | "{plan} berakhir pada {date} karena pembayarannya tidak diterima. Tidak ada lagi yang ditagih.";
    continues_on(plan) "You are on {plan} now." | "Anda sekarang memakai {plan}.";
    ends_on() "Ends on" | "Berakhir pada";
    ended_on() "Ended on" | "Berakhir pada";
    number() "Invoice" | "Faktur";
    plan() "Plan" | "Paket";
    period() "Period" | "Periode";
    span(start, end) "{start} to {end}" | "{start} sampai {end}";
    due() "Due" | "Jatuh tempo";
    paid_on() "Paid on" | "Dibayar pada";
    amount() "Amount" | "Jumlah";
    pay(money) "Pay {money}" | "Bayar {money}";
    to(product) "Go to {product}" | "Ke {product}";
    link_note() "The button opens the payment of this invoice for everybody who has this mail. It needs no password." | "Tombol ini membuka pembayaran faktur ini untuk siapa pun yang memiliki email ini, tanpa kata sandi.";
    already_paid() "If you have paid in the meantime, there is nothing left to do." | "Jika Anda sudah membayar, abaikan email ini.";
    test_mode() "Test mode: no real money." | "Mode uji: bukan uang sungguhan.";

    confirm_subject(product) "{product}: confirm your email address" | "{product}: konfirmasi alamat email Anda";
    confirm_title() "Confirm your email address" | "Konfirmasi alamat email Anda";
    confirm_body(product) "Somebody, probably you, is making an account at {product} with this address. Press the button to choose its password." | "Seseorang, mungkin Anda, sedang membuat akun {product} dengan alamat ini. Tekan tombol untuk membuat kata sandinya.";
    confirm_button() "Confirm address" | "Konfirmasi alamat";
    confirm_note() "If it was not you, do nothing: there will be no account." | "Jika bukan Anda, abaikan saja: tidak akan ada akun.";
    exists_subject(product) "{product}: you have an account already" | "{product}: Anda sudah memiliki akun";
    exists_title() "You have an account already" | "Anda sudah memiliki akun";
    exists_body(product) "Somebody, probably you, wanted to make a {product} account with this address. There is one, so that you can sign in." | "Seseorang, mungkin Anda, ingin membuat akun {product} dengan alamat ini. Akun itu sudah ada, jadi Anda dapat masuk.";
    exists_note() "If you do not know the password any more, choose a new one there." | "Jika lupa kata sandi, buat yang baru di sana.";
    sign_in() "Sign in" | "Masuk";
    link_subject(product) "{product}: your sign-in link" | "{product}: tautan masuk Anda";
    link_title() "Sign in by this link" | "Masuk dengan tautan ini";
    link_body(product) "You asked for a link to sign in to {product}. It needs no password." | "Anda meminta tautan untuk masuk ke {product}, tanpa kata sandi.";
    reset_subject(product) "{product}: choose a new password" | "{product}: buat kata sandi baru";
    reset_title() "Choose a new password" | "Buat kata sandi baru";
    reset_body(product) "You asked for a new password for your {product} account." | "Anda meminta kata sandi baru untuk akun {product} Anda.";
    reset_button() "Choose password" | "Buat kata sandi";
    reset_note() "If it was not you, do nothing: your password stays as it is." | "Jika bukan Anda, abaikan saja: kata sandi Anda tidak berubah.";
    asked_subject(product) "{product}: choose your password" | "{product}: buat kata sandi Anda";
    asked_title() "Choose your password" | "Buat kata sandi Anda";
    asked_body(product) "Who runs this server asks you to choose a password for your {product} account." | "Pengelola server ini meminta Anda membuat kata sandi untuk akun {product} Anda.";
    asked_note() "Until you choose one, nothing changes." | "Selama Anda belum membuatnya, tidak ada yang berubah.";
    no_account_subject(product) "{product}: no account with this address" | "{product}: tidak ada akun dengan alamat ini";
    no_account_title() "There is no account with this address" | "Tidak ada akun dengan alamat ini";
    no_account_body(product) "Somebody, probably you, asked for a link to a {product} account. There is none with this address." | "Seseorang, mungkin Anda, meminta tautan untuk akun {product}. Tidak ada akun dengan alamat ini.";
    no_account_note() "Perhaps your account was made with another address." | "Mungkin akun Anda dibuat dengan alamat lain.";
    other_address_button() "Use another address" | "Pakai alamat lain";
    changed_subject(product) "{product}: your password was changed" | "{product}: kata sandi Anda telah diganti";
    changed_title() "Your password was changed" | "Kata sandi Anda telah diganti";
    changed_body() "Your account has a new password, and every session of before has ended." | "Akun Anda memiliki kata sandi baru, dan semua sesi sebelumnya telah berakhir.";
    changed_note() "If it was not you, choose a new password at once: the sign-in page has a link for it." | "Jika bukan Anda, segera buat kata sandi baru lewat tautan di halaman masuk.";
    changed_others() "What is listed here signs in to it, too. Remove what you do not know on the pages of your account." | "Yang tercantum di sini juga dapat dipakai untuk masuk. Hapus yang tidak Anda kenal di halaman akun Anda.";
    other_way() "Signs in, too" | "Juga dapat masuk";
    a_passkey(name) "Passkey: {name}" | "Kunci sandi: {name}";
    new_sign_in_subject(product) "{product}: new sign-in to your account" | "{product}: akun Anda digunakan untuk masuk";
    new_sign_in_title() "New sign-in to your account" | "Ada yang masuk ke akun Anda";
    new_sign_in_body() "Somebody signed in to your account with a browser that was not used for it before." | "Seseorang masuk ke akun Anda dengan peramban yang belum pernah dipakai sebelumnya.";
    password_known_title() "Somebody signed in with your password, but not your second factor" | "Seseorang masuk dengan kata sandi Anda, tetapi tanpa faktor kedua Anda";
    password_known_body() "The password of your account was right, and then several codes were wrong. Nobody got in." | "Kata sandi akun Anda benar, lalu beberapa kode salah. Tidak ada yang berhasil masuk.";
    password_known_note() "If it was you, there is nothing to do. If not, somebody knows your password: choose a new one at once, also wherever else you use it." | "Jika itu Anda, abaikan email ini. Jika bukan, seseorang mengetahui kata sandi Anda: segera buat yang baru, juga di tempat lain yang memakainya.";
    linked_subject(product) "{product}: another way to sign in to your account" | "{product}: cara masuk baru ke akun Anda";
    linked_title() "Another way to sign in" | "Cara masuk baru";
    linked_body(provider) "Your account at {provider} signs you in here from now on." | "Mulai sekarang, akun Anda di {provider} dapat dipakai untuk masuk.";
    linked_email() "Linked account" | "Akun yang ditautkan";
    linked_button() "See your sign-in accounts" | "Lihat akun untuk masuk";
    linked_note() "If it was not you, remove it there and choose a new password." | "Jika bukan Anda, hapus di sana lalu buat kata sandi baru.";
    unlinked_title() "A way to sign in was removed from your account" | "Satu cara masuk dihapus dari akun Anda";
    unlinked_body(provider) "Your account at {provider} does not sign you in here any more." | "Akun Anda di {provider} tidak lagi dapat dipakai untuk masuk.";
    deleted_subject(product) "{product}: your account was deleted" | "{product}: akun Anda telah dihapus";
    deleted_title() "Your account was deleted" | "Akun Anda telah dihapus";
    deleted_body() "What it held has ended, and nobody can sign in to it any more." | "Semua yang dimilikinya telah berakhir, dan tidak ada yang dapat masuk lagi ke akun itu.";
    new_sign_in_note() "If it was you, there is nothing to do. If not, choose a new password: that ends every session." | "Jika itu Anda, abaikan email ini. Jika bukan, buat kata sandi baru: semua sesi akan berakhir.";
    security_subject(product, title) "{product}: {title}" | "{product}: {title}";
    security_note() "If it was not you, choose a new password at once, and tell who runs this server." | "Jika bukan Anda, segera buat kata sandi baru dan beri tahu pengelola server ini.";
    factor_added_note() "If it was not you, choose a new password at once, remove it under Security in your account, and tell who runs this server." | "Jika bukan Anda, segera buat kata sandi baru, hapus di Keamanan pada akun Anda, dan beri tahu pengelola server ini.";
    first_factor_note() "If it was not you, ask who runs this server to take it away, and choose a new password then." | "Jika bukan Anda, minta pengelola server ini menghapusnya, lalu buat kata sandi baru.";
    others_deed_note() "Who runs this server did this. Ask them if you did not expect it." | "Pengelola server ini yang melakukannya. Hubungi mereka jika Anda tidak menduganya.";
    app_added_title() "An authenticator app was added to your account" | "Aplikasi autentikator ditambahkan ke akun Anda";
    app_added_body() "From now on, signing in asks for a code of this app." | "Mulai sekarang, masuk ke akun meminta kode dari aplikasi ini.";
    app_removed_title() "The authenticator app was removed from your account" | "Aplikasi autentikator dihapus dari akun Anda";
    app_removed_body() "Its codes do not sign in any more." | "Kode dari aplikasi itu tidak lagi dapat dipakai untuk masuk.";
    passkey_added_title() "A passkey was added to your account" | "Kunci sandi ditambahkan ke akun Anda";
    passkey_added_body() "It signs in to your account, without a password." | "Kunci sandi ini dapat dipakai untuk masuk ke akun Anda, tanpa kata sandi.";
    passkey_removed_title() "A passkey was removed from your account" | "Kunci sandi dihapus dari akun Anda";
    passkey_removed_body() "It does not sign in any more." | "Kunci sandi itu tidak lagi dapat dipakai untuk masuk.";
    factors_reset_title() "Your second factors were taken away" | "Faktor kedua akun Anda dihapus";
    factors_reset_body() "Who runs this server removed them, and ended every session. Your password signs in; you can add a second factor again." | "Pengelola server ini menghapusnya dan mengakhiri semua sesi. Anda masuk dengan kata sandi dan dapat menambahkan faktor kedua lagi.";
    codes_made_title() "Your account has new recovery codes" | "Akun Anda memiliki kode pemulihan baru";
    codes_made_body() "The codes of before do not work any more." | "Kode yang lama tidak berlaku lagi.";
    code_used_title() "A recovery code signed in to your account" | "Kode pemulihan dipakai untuk masuk ke akun Anda";
    code_used_body(left) "That code does not work any more. Codes left: {left}." | "Kode itu tidak berlaku lagi; tersisa {left}.";
    new_address_subject(product) "{product}: confirm your new email address" | "{product}: konfirmasi alamat email baru Anda";
    new_address_title() "Confirm your new email address" | "Konfirmasi alamat email baru Anda";
    new_address_body(product) "Somebody, probably you, wants to use this address for their {product} account from now on. Press the button, and sign in if you are asked to." | "Seseorang, mungkin Anda, ingin memakai alamat ini untuk akun {product} miliknya mulai sekarang. Tekan tombol, lalu masuk jika diminta.";
    address_taken_subject(product) "{product}: this address has an account already" | "{product}: alamat ini sudah memiliki akun";
    address_taken_title() "This address has an account already" | "Alamat ini sudah memiliki akun";
    address_taken_body(product) "Somebody wanted to use this address for another {product} account. It is the address of yours, so nothing was changed." | "Seseorang ingin memakai alamat ini untuk akun {product} lain. Alamat ini sudah dipakai akun Anda, jadi tidak ada yang berubah.";
    address_taken_note() "If it was you: sign in with this address, and delete this account or change its address first." | "Jika itu Anda: masuk dengan alamat ini, lalu hapus akun ini atau ganti alamatnya lebih dulu.";
    address_changed_subject(product) "{product}: your email address was changed" | "{product}: alamat email Anda telah diganti";
    address_changed_title() "Your email address was changed" | "Alamat email Anda telah diganti";
    address_changed_body(address) "The address of your account is {address} now. This one does not sign in any more." | "Alamat akun Anda sekarang {address}. Alamat ini tidak lagi dapat dipakai untuk masuk.";
    address_changed_sessions() "Every other session has ended." | "Semua sesi lain telah berakhir.";
    address_changed_note() "If it was not you, tell who runs this server at once." | "Jika bukan Anda, segera beri tahu pengelola server ini.";
    not_me_button() "It was not me" | "Bukan saya";
    date() "Date" | "Tanggal";
    device() "Browser" | "Peramban";
    address() "Address" | "Alamat IP";
    invitation_subject(organization) "Join {organization}" | "Bergabung dengan {organization}";
    invitation_title(organization) "You are invited to {organization}" | "Anda diundang ke {organization}";
    invitation_body(organization) "Press the button to join {organization}." | "Tekan tombol untuk bergabung dengan {organization}.";
    invitation_body_by(person, organization) "{person} asks you to join {organization}. Press the button to accept." | "{person} mengundang Anda bergabung dengan {organization}. Tekan tombol untuk menerima.";
    invitation_button() "See the invitation" | "Lihat undangan";
    invitation_note() "The link works once, within a week. If you do not know who asks you, do nothing." | "Tautan berlaku satu kali, dalam satu minggu. Jika Anda tidak mengenal pengundangnya, abaikan saja.";
    an_organization() "an organization" | "sebuah organisasi";
    own_role_title(organization) "Your role in {organization} was changed" | "Peran Anda di {organization} telah diubah";
    own_role_body(organization, role) "In {organization} you are now: {role}." | "Di {organization} Anda sekarang: {role}.";
    own_role_note() "If you did not expect this, ask its owners." | "Jika Anda tidak menduganya, hubungi pemiliknya.";
    put_out_title(organization) "You no longer belong to {organization}" | "Anda tidak lagi tergabung dalam {organization}";
    put_out_body() "What it gave you has ended. To come back you need an invitation." | "Yang diberikannya kepada Anda telah berakhir. Untuk kembali, Anda memerlukan undangan.";
    owner_title(person, organization) "{person} is now an owner of {organization}" | "{person} sekarang pemilik {organization}";
    owner_body() "Owners decide who belongs to it, and who is an owner." | "Pemilik menentukan siapa anggotanya dan siapa pemiliknya.";
    no_owner_title(person, organization) "{person} is no longer an owner of {organization}" | "{person} bukan lagi pemilik {organization}";
    no_owner_body(role) "This person is now: {role}." | "Orang ini sekarang: {role}.";
    owner_gone_body() "This person does not belong to it any more." | "Orang ini tidak lagi tergabung di dalamnya.";
    owner_note() "If you did not expect this, look at its people, and tell who runs this server." | "Jika Anda tidak menduganya, periksa anggotanya dan beri tahu pengelola server ini.";
    people_button() "See its people" | "Lihat anggotanya";
    role_owner() "owner" | "pemilik";
    role_admin() "admin" | "admin";
    role_member() "member" | "anggota";
    once_note() "The link works once, within an hour." | "Tautan berlaku satu kali, dalam satu jam.";
    nothing_note() "If it was not you, there is nothing to do." | "Jika bukan Anda, abaikan email ini.";
}

impl Text {
    /// What a role in an organization is called.
    pub fn role(self, role: OrganizationRole) -> String {
        match role {
            OrganizationRole::Owner => self.role_owner(),
            OrganizationRole::Admin => self.role_admin(),
            OrganizationRole::Member => self.role_member(),
        }
    }
}
