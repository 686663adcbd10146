//! The ways to sign in that an application offers besides its own.

use crate::i18n::messages;

messages! {
    section_sign_in_methods() "Sign-in methods" | "Cara masuk";
    methods_body() "People sign in with their email and a password, or with an account that they have elsewhere." | "Orang masuk dengan email dan kata sandi, atau dengan akun yang sudah mereka miliki di tempat lain.";
    methods_none_title() "No other providers yet" | "Belum ada penyedia lain";
    methods_none_body() "Add Google, GitHub or any issuer of OpenID Connect, and its button stands on the sign-in page." | "Tambahkan Google, GitHub, atau penerbit OpenID Connect mana pun, dan tombolnya tampil di halaman masuk.";
    method_add(name) "Add {name}" | "Tambah {name}";
    kind_oidc() "OpenID Connect" | "OpenID Connect";
    method_on() "On" | "Aktif";
    method_off() "Off" | "Mati";
    method_switch_on() "Switch on" | "Aktifkan";
    method_switch_off() "Switch off" | "Matikan";
    method_secret_ends(four) "Secret ends with {four}" | "Rahasia berakhiran {four}";
    redirect_uri_title() "First, at the provider" | "Pertama, di penyedia";
    redirect_uri() "Redirect URI" | "URI pengalihan";
    redirect_uri_hint() "Register this address with the provider, exactly as it is." | "Daftarkan alamat ini di penyedia, persis seperti ini.";
    redirect_uri_oidc_hint() "Register this address with the provider, with the short name that you choose below at its end." | "Daftarkan alamat ini di penyedia, dengan nama pendek yang Anda pilih di bawah pada akhirnya.";
    method_name() "Name" | "Nama";
    method_name_hint() "Stands on the button." | "Tampil pada tombol.";
    method_slug() "Short name" | "Nama pendek";
    method_slug_hint() "Ends the redirect URI and never changes. Made from the name when empty." | "Mengakhiri URI pengalihan dan tidak pernah berubah. Dibuat dari nama bila kosong.";
    method_issuer() "Issuer" | "Penerbit";
    methods_others_note() "GitHub and any other issuer of OpenID Connect are added by a superadmin." | "GitHub dan penerbit OpenID Connect lain ditambahkan oleh superadmin.";
    method_client_note() "Only a superadmin changes the client, switches this method on again, and deletes it." | "Hanya superadmin yang mengubah klien, mengaktifkan kembali, dan menghapus cara masuk ini.";
    method_issuer_hint() "Its discovery document lies below this address." | "Dokumen discovery-nya berada di bawah alamat ini.";
    method_client_hint() "As the provider gave it to you." | "Seperti yang diberikan penyedia.";
    method_secret_hint() "Kept encrypted and never shown again." | "Disimpan terenkripsi dan tidak pernah ditampilkan lagi.";
    method_secret_keep_hint() "Empty: the secret stays." | "Kosong: rahasia tetap.";
    method_secret_issuer_hint() "Empty: the secret stays. Another issuer needs it again." | "Kosong: rahasia tetap. Penerbit lain memerlukannya lagi.";
    method_trust() "Believe it that an address is verified" | "Percayai bahwa alamat sudah terverifikasi";
    method_trust_hint() "Only for a provider that you run or trust for every address: accounts are made and offered for linking on its word. Otherwise people confirm their address by a mail of ours." | "Hanya untuk penyedia yang Anda kelola atau percayai untuk semua alamat: akun dibuat dan ditawarkan untuk ditautkan berdasarkan pernyataannya. Jika tidak, orang mengonfirmasi alamatnya lewat email kami.";
    method_trust_brand_hint() "Otherwise people confirm their address by a mail of ours." | "Jika tidak, orang mengonfirmasi alamatnya lewat email kami.";
    method_test() "Test" | "Uji";
    done_method_works() "The provider answers and knows this server." | "Penyedia menjawab dan mengenal server ini.";
    delete_method() "Delete this method" | "Hapus cara masuk ini";
    delete_method_body() "Nobody can sign in by it any more. Linked accounts stay linked and work again with another method of the same issuer." | "Tidak ada yang dapat masuk dengannya lagi. Akun yang tertaut tetap tertaut dan berfungsi lagi dengan cara masuk lain dari penerbit yang sama.";
}
