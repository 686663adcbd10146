//! The frame, the overview and what all pages of the dashboard share.

use crate::i18n::messages;

messages! {
    dashboard() "Dashboard" | "Dasbor";
    applications() "Applications" | "Aplikasi";
    application() "Application" | "Aplikasi";
    all_applications() "All applications" | "Semua aplikasi";
    switch_application() "Switch application" | "Ganti aplikasi";
    new_application() "New application" | "Aplikasi baru";
    create_application() "Create application" | "Buat aplikasi";
    breadcrumb() "Breadcrumb" | "Jejak halaman";
    section_plans() "Plans" | "Paket";
    section_users() "Users" | "Pengguna";
    section_clients() "Clients" | "Klien";
    section_settings() "Settings" | "Pengaturan";
    no_applications_title() "No applications yet" | "Belum ada aplikasi";
    no_applications_body() "An application is one product: its sign-in, its plans and its users. Create one, make its plans, and send people to sign in." | "Aplikasi adalah satu produk: proses masuk, paket, dan penggunanya. Buat satu, susun paketnya, lalu arahkan orang untuk masuk.";
    no_own_applications_body() "You do not administer any application yet. Ask a superadmin to give you the role admin in one." | "Anda belum mengelola aplikasi apa pun. Minta superadmin memberi Anda peran admin di salah satunya.";
    overview_body() "Each application has its own clients, plans and users." | "Setiap aplikasi memiliki klien, paket, dan pengguna sendiri.";
    count_plans(n) "{n} plans" | "{n} paket";
    count_clients(n) "{n} clients" | "{n} klien";
    one_plan() "1 plan" | "1 paket";
    one_client() "1 client" | "1 klien";
    open_application(name) "Open {name}" | "Buka {name}";
    not_allowed_title() "No access to the dashboard" | "Tidak ada akses ke dasbor";
    not_allowed_body(who) "You are signed in as {who}. The dashboard is for admins of this server. Ask a superadmin, or use another account." | "Anda masuk sebagai {who}. Dasbor hanya untuk admin server ini. Hubungi superadmin, atau gunakan akun lain.";
    test_mode(provider) "Test mode: payments go to the {provider} and no money moves." | "Mode uji: pembayaran masuk ke {provider} dan tidak ada uang yang berpindah.";
    account() "Account" | "Akun";
    role_superadmin() "Superadmin" | "Superadmin";
    role_admin() "Admin" | "Admin";

    done_saved() "Saved." | "Tersimpan.";
    done_created() "Created." | "Dibuat.";
    done_deleted() "Deleted." | "Dihapus.";
    done_archived() "Archived. Subscribers keep the plan; nobody new can choose it." | "Diarsipkan. Pelanggan tetap memilikinya; tidak ada yang baru bisa memilihnya.";
    done_restored() "Back from the archive." | "Dikembalikan dari arsip.";
    done_moved() "The order is saved." | "Urutan tersimpan.";
    done_granted() "Access granted." | "Akses diberikan.";
    done_suspended() "Suspended. New tokens are refused from now on." | "Ditangguhkan. Token baru ditolak mulai sekarang.";
    done_reactivated() "Active again." | "Aktif kembali.";
    done_revoked() "Access revoked." | "Akses dicabut.";
    done_assigned() "Plan assigned. The next token carries it." | "Paket ditetapkan. Token berikutnya memuatnya.";
    done_ended() "The subscription has ended." | "Langganan telah diakhiri.";
    done_rotated() "A new secret is made. The old one keeps working for 24 hours." | "Rahasia baru dibuat. Yang lama tetap berlaku selama 24 jam.";

    save() "Save" | "Simpan";
    cancel() "Cancel" | "Batal";
    add() "Add" | "Tambah";
    remove() "Remove" | "Hapus";
    delete() "Delete" | "Hapus";
    edit() "Edit" | "Ubah";
    search() "Search" | "Cari";
    yes() "Yes" | "Ya";
    no() "No" | "Tidak";
    next_page() "Next page" | "Halaman berikutnya";
    first_page() "First page" | "Halaman pertama";
    danger_zone() "Danger zone" | "Zona berbahaya";
    created_on(date) "Created {date}" | "Dibuat {date}";
    one_per_line() "One per line." | "Satu per baris.";
    errors_count(n) "{n} things to mend" | "{n} hal perlu diperbaiki";
    one_error() "1 thing to mend" | "1 hal perlu diperbaiki";

    key() "Key" | "Kunci";
    kind() "Type" | "Jenis";
    value() "Value" | "Nilai";
    kind_boolean() "yes / no" | "ya / tidak";
    kind_number() "number" | "angka";
    kind_text() "text" | "teks";
    kind_list() "list" | "daftar";
    kind_json() "JSON" | "JSON";
    row_number(n) "Row {n}" | "Baris {n}";
    add_row() "Add a row" | "Tambah baris";
    remove_row(n) "Remove row {n}" | "Hapus baris {n}";
    as_table() "Table" | "Tabel";
    as_json() "JSON" | "JSON";
    edit_as() "Edit as" | "Ubah sebagai";
    format_json() "Format" | "Rapikan";
    json_is_good() "Valid JSON" | "JSON valid";
    bytes_of(n, max) "{n} of {max} bytes" | "{n} dari {max} byte";
    characters_of(n, max) "{n} of {max} characters" | "{n} dari {max} karakter";
    list_hint() "a, b, c" | "a, b, c";
}
