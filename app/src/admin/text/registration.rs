//! Tokens with which clients register themselves.

use crate::i18n::messages;

messages! {
    registration_title() "Registration tokens" | "Token pendaftaran";
    registration_body() "Who has such a token may register clients of this application by a program (RFC 7591). Their users are always asked for consent." | "Pemegang token seperti ini boleh mendaftarkan klien aplikasi ini lewat program (RFC 7591). Penggunanya selalu dimintai persetujuan.";
    registration_none_title() "No registration tokens yet" | "Belum ada token pendaftaran";
    registration_none_body() "Make one for a partner or a tool that registers its clients itself. Without a token nobody can." | "Buat satu untuk mitra atau alat yang mendaftarkan kliennya sendiri. Tanpa token tidak ada yang bisa.";
    registration_new() "New token" | "Token baru";
    registration_new_body() "It is shown once, after it is made." | "Ditampilkan sekali, setelah dibuat.";
    registration_name() "Name" | "Nama";
    registration_name_hint() "For whom it is. Only admins see it." | "Untuk siapa. Hanya dilihat admin.";
    registration_days() "Days" | "Hari";
    registration_days_hint(most) "1 to {most}." | "1 sampai {most}.";
    registration_pkce_hint() "Of the clients that register with this token. Turn it off for products that cannot do it; public clients always must." | "Bagi klien yang mendaftar dengan token ini. Matikan untuk produk yang tidak bisa; klien publik selalu wajib.";
    registration_no_pkce() "PKCE not required" | "PKCE tidak wajib";
    registration_create() "Make token" | "Buat token";
    registration_token() "Token" | "Token";
    registration_endpoint() "Registration endpoint" | "Alamat pendaftaran";
    registration_made() "Made" | "Dibuat";
    registration_holds() "Validity" | "Masa berlaku";
    registration_until(date) "Until {date}" | "Sampai {date}";
    registration_over(date) "Over since {date}" | "Berakhir {date}";
    registration_once_title() "Keep this token now" | "Simpan token ini sekarang";
    registration_once_body() "It is shown this once. Send it as Bearer to the endpoint." | "Hanya ditampilkan sekali ini. Kirim sebagai Bearer ke alamat pendaftaran.";
    registration_revoke() "Revoke" | "Cabut";
    registration_revoke_of(name) "Revoke {name}" | "Cabut {name}";
    done_token_revoked() "The token registers nobody any more. The clients that registered with it stay." | "Token tidak berlaku lagi. Klien yang sudah mendaftar dengannya tetap ada.";
}
