//! Second factors: asking for one, and setting them up.

use super::messages;

messages! {
    factor_title() "One more step" | "Satu langkah lagi";
    factor_body(who) "You are signing in as {who}. Enter the code that your authenticator app shows." | "Anda masuk sebagai {who}. Masukkan kode dari aplikasi autentikator Anda.";
    factor_recovery_body(who) "You are signing in as {who}. Enter one of the recovery codes that you kept. It works once." | "Anda masuk sebagai {who}. Masukkan salah satu kode pemulihan yang Anda simpan. Kode hanya berlaku sekali.";
    factor_code() "Code" | "Kode";
    factor_recovery_code() "Recovery code" | "Kode pemulihan";
    factor_button() "Continue" | "Lanjutkan";
    factor_use_recovery() "Use a recovery code" | "Pakai kode pemulihan";
    factor_use_app() "Use the authenticator app" | "Pakai aplikasi autentikator";
    field_code() "This code is wrong, or it was used before. Try the next one." | "Kode ini salah atau sudah dipakai. Coba kode berikutnya.";

    security_title() "Security" | "Keamanan";
    security_body(who) "What guards the account {who}, besides the password." | "Pengaman akun {who}, selain kata sandi.";
    security_needed(product) "{product} asks for a second factor. Add one to go on." | "{product} meminta faktor kedua. Tambahkan satu untuk melanjutkan.";
    security_enough() "You have a second factor." | "Anda memiliki faktor kedua.";
    authenticator() "Authenticator app" | "Aplikasi autentikator";
    authenticator_on(date) "Set up on {date}. Signing in asks for its code." | "Disiapkan pada {date}. Masuk ke akun meminta kodenya.";
    authenticator_off() "An app on your phone shows a new code every 30 seconds." | "Aplikasi di ponsel menampilkan kode baru setiap 30 detik.";
    authenticator_add() "Set up an authenticator app" | "Siapkan aplikasi autentikator";
    authenticator_remove() "Remove the authenticator app" | "Hapus aplikasi autentikator";
    authenticator_remove_effect() "Signing in no longer asks for its codes, and every other session ends. You can then delete its entry in the app." | "Masuk ke akun tidak lagi meminta kodenya, dan semua sesi lain berakhir. Setelah itu, Anda dapat menghapusnya dari aplikasi.";
    last_factor_effect() "It is your only second factor: one step will be enough to sign in, and your recovery codes stop working." | "Ini satu-satunya faktor kedua Anda: satu langkah akan cukup untuk masuk, dan kode pemulihan tidak berlaku lagi.";
    recovery_codes() "Recovery codes" | "Kode pemulihan";
    recovery_left(count) "{count} left. Each signs in once, for the day on which you have lost everything else." | "Tersisa {count}. Masing-masing berlaku sekali, untuk saat semua yang lain hilang.";
    recovery_later() "You get them with your first second factor." | "Anda mendapatkannya bersama faktor kedua yang pertama.";
    recovery_new() "Make new codes" | "Buat kode baru";
    recovery_new_note() "The codes of before stop working." | "Kode yang lama tidak berlaku lagi.";

    passkeys() "Passkeys" | "Kunci sandi";
    passkeys_body() "Your phone, computer or password manager signs in for you, with your fingerprint, face or PIN: no password and no code." | "Ponsel, komputer, atau pengelola kata sandi masuk untuk Anda dengan sidik jari, wajah, atau PIN: tanpa kata sandi dan tanpa kode.";
    passkey_add() "Add a passkey" | "Tambahkan kunci sandi";
    passkey_script() "Adding one needs JavaScript." | "Menambahkannya memerlukan JavaScript.";
    passkey_show_script() "Showing a passkey needs JavaScript." | "Memakai kunci sandi memerlukan JavaScript.";
    passkey_since(date) "Added on {date}" | "Ditambahkan pada {date}";
    passkey_used(date) "last used on {date}" | "terakhir dipakai pada {date}";
    passkey_name() "Name" | "Nama";
    passkey_rename() "Rename" | "Ganti nama";
    passkey_remove(name) "Remove {name}" | "Hapus {name}";
    passkey_remove_effect() "It no longer signs you in, and every other session ends. You can then delete it on your device." | "Kunci sandi ini tidak dapat dipakai lagi untuk masuk, dan semua sesi lain berakhir. Setelah itu, Anda dapat menghapusnya dari perangkat.";
    passkey_sign_in() "Sign in with a passkey" | "Masuk dengan kunci sandi";
    passkey_use() "Use a passkey" | "Pakai kunci sandi";
    passkey_failed() "The browser gave no passkey. Try again, or sign in another way." | "Peramban tidak memberikan kunci sandi. Coba lagi, atau masuk dengan cara lain.";
    passkey_refused() "This passkey was not accepted, or the page was open for too long. Try again." | "Kunci sandi ini tidak diterima, atau halaman terlalu lama terbuka. Coba lagi.";
    factor_passkey_body(who) "You are signing in as {who}. Show your passkey." | "Anda masuk sebagai {who}. Gunakan kunci sandi Anda.";

    totp_title() "Set up an authenticator app" | "Siapkan aplikasi autentikator";
    totp_scan() "Scan this picture with an authenticator app, such as the one of your password manager." | "Pindai gambar ini dengan aplikasi autentikator, misalnya milik pengelola kata sandi Anda.";
    totp_picture() "QR code with the key for an authenticator app" | "Kode QR berisi kunci untuk aplikasi autentikator";
    totp_open() "Open an app on this device" | "Buka aplikasi di perangkat ini";
    totp_key() "Or type this key" | "Atau ketik kunci ini";
    totp_code() "The code that it shows" | "Kode yang ditampilkan";
    totp_button() "Turn on" | "Aktifkan";
    field_first_code() "This is not the code that the app shows now. Check the key, and that the clock of the phone is right." | "Ini bukan kode yang ditampilkan aplikasi saat ini. Periksa kuncinya, dan jam di ponsel Anda.";

    codes_title() "Keep your recovery codes" | "Simpan kode pemulihan Anda";
    codes_body() "Each signs in once, when your other second factors are lost. They are shown only now: print them, or keep them in a password manager." | "Masing-masing berlaku sekali untuk masuk ketika faktor kedua lain hilang. Kode hanya ditampilkan sekarang: cetak, atau simpan di pengelola kata sandi.";
    codes_download() "Download" | "Unduh";
    codes_file(who) "Recovery codes of {who}. Each works once." | "Kode pemulihan {who}. Masing-masing berlaku sekali.";
    codes_done() "I have kept them" | "Sudah saya simpan";
}
