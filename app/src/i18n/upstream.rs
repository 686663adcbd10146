//! Signing in with other providers.

use super::messages;

messages! {
    or_with() "or" | "atau";
    continue_with(provider) "Continue with {provider}" | "Lanjutkan dengan {provider}";
    denied_title(provider) "Nobody was signed in with {provider}" | "Proses masuk dengan {provider} tidak selesai";
    denied_body() "The sign-in was canceled there. Nothing has changed: try again, or sign in another way." | "Proses masuk dibatalkan di sana. Tidak ada yang berubah: coba lagi, atau masuk dengan cara lain.";
    silent_title(provider) "{provider} does not answer" | "{provider} tidak menjawab";
    silent_body() "Try again in a moment, or sign in another way." | "Coba lagi sebentar lagi, atau masuk dengan cara lain.";
    untrusted_title(provider) "The answer of {provider} cannot be used" | "Jawaban {provider} tidak dapat dipakai";
    untrusted_body() "It could not be verified, so nobody was signed in. Try again, or sign in another way." | "Jawaban tidak dapat diverifikasi, jadi tidak ada yang masuk. Coba lagi, atau masuk dengan cara lain.";
    no_address_title(provider) "{provider} gave no email address" | "{provider} tidak memberi alamat email";
    no_address_body(provider) "An account needs one. Let {provider} share yours, or sign in another way." | "Akun memerlukannya. Izinkan {provider} membagikan alamat Anda, atau masuk dengan cara lain.";
    unknown_title(provider) "No account signs in with this {provider} account" | "Tidak ada akun yang masuk dengan akun {provider} ini";
    unknown_body(product) "{product} gives access by invitation. If you have an account, sign in to it another way." | "Akses ke {product} hanya lewat undangan. Jika Anda memiliki akun, masuk dengan cara lain.";
    elses_title(provider) "This {provider} account is linked to another account" | "Akun {provider} ini tertaut ke akun lain";
    elses_body() "One account of a provider signs in to one account here. Sign in with it to see which." | "Satu akun penyedia hanya dapat dipakai untuk satu akun di sini. Masuk dengannya untuk melihat akun yang mana.";
    not_recent_title(provider) "{provider} did not ask you to sign in again" | "{provider} tidak meminta Anda masuk lagi";
    not_recent_body() "This step needs a sign-in from just now. Use a link by mail, or the password of your account here if it has one." | "Langkah ini memerlukan proses masuk yang baru saja dilakukan. Gunakan tautan lewat email, atau kata sandi akun Anda di sini jika ada.";
    not_vouched_title(provider) "{provider} does not sign you in here" | "{provider} tidak dapat dipakai untuk masuk di sini";
    not_vouched_body() "Your account looks after an application or this server. Sign in with its password, a passkey or a link by mail." | "Akun Anda mengelola aplikasi atau server ini. Masuk dengan kata sandinya, kunci sandi, atau tautan lewat email.";
    prove_title() "You have an account already" | "Anda sudah memiliki akun";
    prove_body(product, email, provider) "There is a {product} account with {email}. Sign in to it once, then you can link it with {provider}." | "Sudah ada akun {product} dengan {email}. Masuk sekali ke akun itu, lalu Anda dapat menautkannya dengan {provider}.";
    link_title(provider) "Link {provider}?" | "Tautkan {provider}?";
    link_body(provider, email, host) "From then on your {provider} account {email} at {host} signs you in to this account." | "Setelah itu, akun {provider} Anda {email} di {host} dapat dipakai untuk masuk ke akun ini.";
    link_button(provider) "Link {provider}" | "Tautkan {provider}";
    link_skip() "Not now" | "Nanti saja";
    link_another() "Link another account" | "Tautkan akun lain";
    identities_title() "Linked accounts" | "Akun tertaut";
    identities_body() "With these accounts you can sign in here." | "Dengan akun-akun ini Anda dapat masuk di sini.";
    identities_none() "No other account signs you in here." | "Tidak ada akun lain yang dapat dipakai untuk masuk di sini.";
    identity_since(since, used) "Linked on {since}, last used on {used}" | "Ditautkan {since}, terakhir dipakai {used}";
    unlink(provider) "Unlink {provider}" | "Lepas {provider}";
    unlink_effect(provider) "You can no longer sign in with it here, and every other session ends. Your account at {provider} stays as it is." | "Akun ini tidak dapat dipakai lagi untuk masuk di sini, dan semua sesi lain berakhir. Akun Anda di {provider} tetap ada.";
    only_way() "This is your only way to sign in. Choose a password first." | "Ini satu-satunya cara Anda masuk. Buat kata sandi terlebih dahulu.";
}
