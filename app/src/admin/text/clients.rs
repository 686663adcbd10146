//! Applications being made, clients, secrets and snippets.

use crate::i18n::messages;

messages! {
    application_name() "Name" | "Nama";
    application_name_hint() "People see it on the sign-in page." | "Dilihat orang di halaman masuk.";
    application_slug() "Short name" | "Nama pendek";
    application_slug_hint() "Part of addresses in the dashboard. It never changes." | "Bagian dari alamat di dasbor. Tidak pernah berubah.";
    create_application_body() "It starts with one confidential client. Its secret is shown once, on the next page." | "Dimulai dengan satu klien rahasia. Rahasianya ditampilkan sekali, di halaman berikutnya.";
    redirect_uris() "Redirect URIs" | "URI pengalihan";
    redirect_uris_hint() "Where sign-in may send people back to, one per line. https, or http on a loopback address." | "Tujuan setelah masuk, satu per baris. https, atau http pada alamat loopback.";
    post_logout_uris() "Post-logout redirect URIs" | "URI pengalihan setelah keluar";
    post_logout_uris_hint() "Where sign-out may send people back to, one per line." | "Tujuan setelah keluar, satu per baris.";

    clients_body() "Each website, app or service that talks to this server is a client of the application." | "Setiap situs, aplikasi, atau layanan yang berbicara dengan server ini adalah klien aplikasi.";
    new_client() "New client" | "Klien baru";
    create_client() "Create client" | "Buat klien";
    no_clients_title() "No clients" | "Belum ada klien";
    client() "Client" | "Klien";
    client_name() "Name" | "Nama";
    client_name_hint() "The consent page shows it." | "Ditampilkan di halaman persetujuan.";
    client_kind() "Kind" | "Jenis";
    kind_confidential() "Confidential" | "Rahasia";
    kind_confidential_hint() "Runs on a server and can keep a secret." | "Berjalan di server dan dapat menyimpan rahasia.";
    kind_public() "Public" | "Publik";
    kind_public_hint() "A single-page, mobile or command-line app: no secret, PKCE always." | "Aplikasi satu halaman, seluler, atau baris perintah: tanpa rahasia, selalu PKCE.";
    client_id() "Client ID" | "ID klien";
    client_secret() "Client secret" | "Rahasia klien";
    secret_hints() "Secrets" | "Rahasia";
    secret_made(date) "made {date}" | "dibuat {date}";
    secret_until(date) "works until {date}" | "berlaku sampai {date}";
    issuer() "Issuer" | "Penerbit";
    application_id() "Application ID" | "ID aplikasi";
    grants() "Grants" | "Pemberian";
    grant_authorization_code() "Authorization code: people sign in" | "Authorization code: orang masuk";
    grant_refresh_token() "Refresh token: stay signed in" | "Refresh token: tetap masuk";
    grant_device_code() "Device code: a device without a browser" | "Device code: perangkat tanpa peramban";
    grant_client_credentials() "Client credentials: the service itself" | "Client credentials: layanan itu sendiri";
    require_pkce() "Require PKCE" | "Wajibkan PKCE";
    require_pkce_hint() "Refuses sign-in without a code challenge. Always on for public clients." | "Menolak masuk tanpa code challenge. Selalu aktif untuk klien publik.";
    client_skip_consent() "Skip the consent page" | "Lewati halaman persetujuan";
    client_skip_consent_hint() "For your own products. Others should ask." | "Untuk produk Anda sendiri. Yang lain sebaiknya meminta izin.";
    signing_algorithm() "Signing algorithm" | "Algoritme tanda tangan";
    signing_algorithm_hint() "RS256 is understood everywhere; ES256 and EdDSA are smaller and faster." | "RS256 dipahami di mana saja; ES256 dan EdDSA lebih kecil dan cepat.";
    repeat_claims() "Repeat claims as custom_claims" | "Ulangi claims sebagai custom_claims";
    repeat_claims_hint() "For products that read that name." | "Untuk produk yang membaca nama itu.";
    require_pushed() "Only pushed authorization requests (PAR)" | "Hanya permintaan otorisasi lewat PAR";
    require_pushed_hint() "Sign-in begins at /oauth2/par (RFC 9126); any other request is refused." | "Proses masuk dimulai di /oauth2/par (RFC 9126); permintaan lain ditolak.";
    dpop_bound() "Bind access tokens to a key (DPoP)" | "Ikat token akses ke kunci (DPoP)";
    dpop_bound_hint() "A stolen token is of no use without the key (RFC 9449). Requests without a proof get none." | "Token curian tidak berguna tanpa kuncinya (RFC 9449). Permintaan tanpa bukti tidak mendapat token.";
    backchannel_logout_uri() "Back-channel logout URI" | "URI keluar lewat saluran belakang";
    backchannel_logout_uri_hint() "Optional: where your server is told that a session is over." | "Opsional: tempat server Anda diberi tahu bahwa sebuah sesi telah berakhir.";
    client_auth() "Authentication" | "Autentikasi";
    client_auth_hint() "How this client proves itself. With keys, nothing signs in by its secret any more." | "Cara klien ini membuktikan diri. Dengan kunci, rahasianya tidak berlaku lagi.";
    auth_secret() "By its secret" | "Dengan rahasianya";
    auth_jwks_uri() "By keys at an address" | "Dengan kunci di sebuah alamat";
    auth_jwks() "By keys that stand here" | "Dengan kunci yang tertulis di sini";
    jwks_uri() "Address of the keys" | "Alamat kunci";
    jwks_uri_hint() "A JWK set on your own server (jwks_uri). New keys there are found by themselves." | "Set JWK di server Anda sendiri (jwks_uri). Kunci baru di sana ditemukan dengan sendirinya.";
    jwks() "Keys" | "Kunci";
    jwks_hint() "A JWK set (jwks) of public keys: RSA, EC with P-256, or OKP with Ed25519." | "Set JWK (jwks) berisi kunci publik: RSA, EC dengan P-256, atau OKP dengan Ed25519.";
    rotate_secret() "Rotate the secret" | "Ganti rahasia";
    rotate_secret_body() "Makes a new secret, shown once. The old one keeps working for 24 hours." | "Membuat rahasia baru, ditampilkan sekali. Yang lama tetap berlaku 24 jam.";
    delete_client() "Delete this client" | "Hapus klien ini";
    delete_client_body() "Everything that was granted to it ends at once: its users have to sign in again elsewhere." | "Semua yang diberikan padanya berakhir seketika: penggunanya harus masuk lagi di tempat lain.";
    delete_confirm(what) "Type {what} to confirm" | "Ketik {what} untuk konfirmasi";
    confirmation() "Confirmation" | "Konfirmasi";

    secret_once_title() "Keep this secret now" | "Simpan rahasia ini sekarang";
    secret_once_body() "It is shown this once. Later you see its last four characters only, and you can rotate it." | "Hanya ditampilkan sekali ini. Nanti hanya terlihat empat karakter terakhir, dan Anda dapat menggantinya.";
    download_env() "Download .env" | "Unduh .env";
    go_to_plans() "Go on to plans" | "Lanjut ke paket";
    snippets() "Use it" | "Pakai";
    snippets_body() "The real issuer and client_id; the secret comes from the environment." | "Dengan issuer dan client_id asli; rahasia diambil dari lingkungan.";
    public_badge() "Public" | "Publik";
    confidential_badge() "Confidential" | "Rahasia";
    no_redirect_uris() "No redirect URI: nobody can sign in through it yet" | "Belum ada URI pengalihan: belum ada yang bisa masuk lewat klien ini";
}
