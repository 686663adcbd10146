//! Roles and permissions of an application.

use crate::i18n::messages;

messages! {
    role() "Role" | "Peran";
    roles_page_body() "A user's permissions are those of all their roles. Tokens list both, with the scopes roles and permissions." | "Izin pengguna adalah gabungan izin semua perannya. Token memuat keduanya dengan scope roles dan permissions.";
    role_name() "Role name" | "Nama peran";
    role_name_hint() "1 to 64 of a-z, 0-9, _ and -, as tokens say it." | "1 sampai 64 karakter a-z, 0-9, _ dan -, seperti tertulis dalam token.";
    role_new() "New role" | "Peran baru";
    role_new_body() "Choose its permissions on the next page, and give it to people on their own pages." | "Pilih izinnya di halaman berikutnya, lalu berikan kepada orang di halamannya masing-masing.";
    role_create() "Create role" | "Buat peran";
    role_fixed() "Built in" | "Bawaan";
    role_fixed_hint() "Every application has this role, and it keeps its name." | "Setiap aplikasi memiliki peran ini, dan namanya tetap.";
    role_allows_nothing() "none" | "tidak ada";
    role_delete() "Delete this role" | "Hapus peran ini";
    role_delete_body() "Refused while somebody has it: take it from them first." | "Ditolak selama masih ada yang memilikinya: cabut dulu dari mereka.";
    permission() "Permission" | "Izin";
    permissions() "Permissions" | "Izin";
    permissions_body() "What your product asks a token for. Deleting one takes it from every role at once." | "Yang diperiksa produk Anda pada token. Menghapusnya langsung mencabutnya dari semua peran.";
    permissions_none() "No permissions yet." | "Belum ada izin.";
    permission_hint() "A resource to read, such as invoices; with .write behind it, to change." | "Sumber daya untuk dibaca, misalnya invoices; diakhiri .write untuk diubah.";
    permission_create() "Add permission" | "Tambah izin";
    permission_delete_of(name) "Delete {name}" | "Hapus {name}";
}
