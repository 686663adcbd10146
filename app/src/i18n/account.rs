//! The pages about one's own account.

use domain::identity::organization::OrganizationRole;

use super::{Text, messages};

messages! {
    account_saved() "Saved." | "Tersimpan.";
    account_profile() "Profile" | "Profil";
    account_profile_body() "What applications may read about you where you let them." | "Yang boleh dibaca aplikasi tentang Anda jika Anda mengizinkan.";
    account_password() "Password" | "Kata sandi";
    account_sessions() "Sessions" | "Sesi";
    account_connected() "Applications" | "Aplikasi";
    account_data() "Your data" | "Data Anda";
    account_save() "Save" | "Simpan";
    account_email_hint() "You sign in with it." | "Anda masuk dengan alamat ini.";
    account_language() "Language" | "Bahasa";
    account_language_any() "As the browser says" | "Sesuai peramban";
    account_given_name() "Given name" | "Nama depan";
    account_family_name() "Family name" | "Nama belakang";
    account_username() "Preferred username" | "Nama pengguna pilihan";
    account_phone() "Phone number" | "Nomor telepon";
    account_birthdate() "Date of birth" | "Tanggal lahir";
    account_zone() "Time zone" | "Zona waktu";
    account_more() "More about you" | "Lebih banyak tentang Anda";
    account_middle_name() "Middle name" | "Nama tengah";
    account_nickname() "Nickname" | "Nama panggilan";
    account_gender() "Gender" | "Jenis kelamin";
    account_page() "Page about you" | "Halaman tentang Anda";
    account_picture() "Link to a picture" | "Tautan ke foto";
    account_website() "Website" | "Situs web";
    account_postal_address() "Postal address" | "Alamat pos";
    account_street() "Street" | "Jalan";
    account_locality() "City" | "Kota";
    account_region() "State or province" | "Provinsi";
    account_postal_code() "Postal code" | "Kode pos";
    account_country() "Country" | "Negara";
    account_whole_address() "Whole address, as on an envelope" | "Alamat lengkap, seperti pada amplop";
    field_like(like) "Write it like this: {like}" | "Tulis seperti ini: {like}";

    address_title() "Change email address" | "Ganti alamat email";
    address_body(email) "You sign in with {email}. We send a link to the new address; until you press the button behind it, nothing changes." | "Anda masuk dengan {email}. Kami mengirim tautan ke alamat baru; tidak ada yang berubah sebelum Anda menekan tombol di baliknya.";
    address_new() "New email address" | "Alamat email baru";
    address_same() "This is your address already." | "Ini sudah alamat Anda.";
    address_confirm(email) "You sign in with {email} from now on, and every other session ends." | "Mulai sekarang Anda masuk dengan {email}, dan semua sesi lain berakhir.";
    address_button() "Use this address" | "Pakai alamat ini";
    address_changed(email) "You sign in with {email} from now on. Every other session has ended." | "Mulai sekarang Anda masuk dengan {email}. Semua sesi lain telah berakhir.";
    address_other(own) "You are signed in as {own}, and this link belongs to another account. Sign in to that one to go on." | "Anda masuk sebagai {own}, sedangkan tautan ini milik akun lain. Masuk ke akun itu untuk melanjutkan.";
    address_gone_title() "This address is taken" | "Alamat ini sudah dipakai";
    address_gone_body(email) "Another account has got {email} in the meantime. Yours stays as it is." | "Sementara itu akun lain sudah memakai {email}. Akun Anda tidak berubah.";

    password_body() "A new password ends every session, and a mail tells you so." | "Kata sandi baru mengakhiri semua sesi, dan Anda mendapat email.";
    password_old() "Current password" | "Kata sandi saat ini";
    password_new() "New password" | "Kata sandi baru";
    password_change() "Change password" | "Ganti kata sandi";
    password_changed() "Your password was changed, and every other session has ended." | "Kata sandi Anda telah diganti, dan semua sesi lain telah berakhir.";
    password_wrong() "This is not your current password." | "Ini bukan kata sandi Anda saat ini.";
    password_none() "You sign in without a password. To have one, ask for a link by mail." | "Anda masuk tanpa kata sandi. Untuk memilikinya, minta tautan lewat email.";
    password_by_mail() "Send me a link" | "Kirim tautan";
    password_forgotten() "I forgot it: send me a link" | "Saya lupa: kirim tautan";

    sessions_body() "The browsers in which you are signed in." | "Peramban tempat Anda masuk.";
    sessions_here() "This browser" | "Peramban ini";
    sessions_unknown() "Unknown browser" | "Peramban tidak dikenal";
    sessions_since(date) "Signed in on {date}" | "Masuk pada {date}";
    sessions_seen(date) "last used on {date}" | "terakhir dipakai {date}";
    sessions_end() "Sign out" | "Keluarkan";
    sessions_end_of(device) "Sign out {device}" | "Keluarkan {device}";
    sessions_end_others() "Sign out everywhere else" | "Keluarkan dari semua perangkat lain";

    connected_title() "Connected applications" | "Aplikasi terhubung";
    connected_body() "These applications may use your account. What you take away ends at once; the application then has to ask again." | "Aplikasi ini boleh memakai akun Anda. Akses yang dicabut langsung berakhir; aplikasi harus meminta izin lagi.";
    connected_none() "No application uses your account." | "Tidak ada aplikasi yang memakai akun Anda.";
    connected_since(product, date) "{product} · since {date}" | "{product} · sejak {date}";
    disconnect(client) "Take access away from {client}" | "Cabut akses {client}";
    disconnect_effect(client) "{client} may no longer use your account. When you sign in there again, you are asked anew." | "{client} tidak boleh memakai akun Anda lagi. Saat Anda masuk di sana lagi, izin Anda diminta kembali.";

    account_organizations() "Organizations" | "Organisasi";
    organizations_body() "Applications learn for which of them you act." | "Aplikasi mengetahui atas nama organisasi mana Anda bertindak.";
    organizations_none() "You belong to no organization." | "Anda tidak tergabung dalam organisasi.";
    organization_current() "You act for this one" | "Anda bertindak untuk ini";
    organization_choose(name) "Act for {name}" | "Bertindak untuk {name}";
    organization_leave(name) "Leave {name}" | "Keluar dari {name}";
    organization_left() "You have left the organization." | "Anda telah keluar dari organisasi.";
    organization_leave_effect(name) "What {name} gives you ends at once. To come back you need an invitation." | "Yang diberikan {name} kepada Anda langsung berakhir. Untuk kembali, Anda memerlukan undangan.";
    organization_manage(name) "People of {name}" | "Anggota {name}";
    organization_role() "Role" | "Peran";
    organization_role_owner() "Owner" | "Pemilik";
    organization_role_admin() "Admin" | "Admin";
    organization_role_member() "Member" | "Anggota";
    organization_people() "People" | "Anggota";
    organization_set_role(person) "Change the role of {person}" | "Ubah peran {person}";
    organization_set() "Change" | "Ubah";
    organization_role_changed() "The role is changed." | "Peran telah diubah.";
    organization_person_removed() "The person is removed. What the organization gave them has ended." | "Orang itu telah dikeluarkan. Yang diberikan organisasi kepadanya telah berakhir.";
    organization_remove_person(person) "Remove {person}" | "Keluarkan {person}";
    organization_remove_effect(person) "What the organization gives {person} ends at once. An invitation brings them back." | "Yang diberikan organisasi kepada {person} langsung berakhir. Undangan membawa mereka kembali.";
    organization_more() "More people" | "Anggota lainnya";
    invitations_title() "Invitations" | "Undangan";
    invitations_body() "A mail with a link that works once, for a week." | "Email dengan tautan yang berlaku satu kali, selama satu minggu.";
    invitations_full() "Too many invitations wait already. Take one back first." | "Terlalu banyak undangan yang masih menunggu. Tarik salah satunya dulu.";
    invitation_until(role, date) "{role} · until {date}" | "{role} · sampai {date}";
    invitation_stopped(role) "{role} · does not work any more: its sender may no longer send it" | "{role} · tidak berlaku lagi: pengirimnya tidak boleh lagi mengirimnya";
    invitation_send() "Send invitation" | "Kirim undangan";
    invitation_sent() "The invitation is on its way. An earlier one to this address does not work any more." | "Undangan sedang dikirim. Undangan sebelumnya ke alamat ini tidak berlaku lagi.";
    invitation_revoked() "The invitation is taken back; its link does not work any more." | "Undangan ditarik; tautannya tidak berlaku lagi.";
    invitation_revoke() "Take back" | "Tarik kembali";
    invitation_revoke_of(person) "Take back the invitation of {person}" | "Tarik kembali undangan {person}";
    invitation_revoke_effect() "The link of its mail stops working. You can send another one." | "Tautan di emailnya tidak berlaku lagi. Anda dapat mengirim yang baru.";
    invitation_title(organization) "Join {organization}" | "Bergabung dengan {organization}";
    invitation_body(email, role) "{email} is invited as: {role}." | "{email} diundang sebagai: {role}.";
    invitation_new_body(email, role) "{email} is invited as: {role}. Choose a password for your new account." | "{email} diundang sebagai: {role}. Buat kata sandi untuk akun baru Anda.";
    invitation_accept() "Join" | "Bergabung";
    invitation_other(email, own) "This invitation is for {email}. You are signed in as {own}." | "Undangan ini untuk {email}. Anda masuk sebagai {own}.";
    invitation_sign_out() "Sign out and open it" | "Keluar lalu buka undangan";
    invitation_over_title() "This invitation does not work any more" | "Undangan ini tidak berlaku lagi";
    invitation_over_body() "It was used, was taken back, or is older than a week. Ask whoever invited you for another one." | "Undangan sudah dipakai, ditarik kembali, atau lebih dari satu minggu. Minta undangan baru kepada pengundang Anda.";
    export_title() "Take your data along" | "Bawa data Anda";
    export_body() "A file (JSON) with your profile, what you hold, ordered, paid and pay with, your sessions, invitations, linked accounts, connected applications and the history of your account." | "Berkas (JSON) berisi profil, langganan, pesanan, pembayaran dan metode pembayaran, sesi, undangan, akun tertaut, aplikasi terhubung, dan riwayat akun Anda.";
    export_button() "Download" | "Unduh";
    delete_title() "Delete your account" | "Hapus akun Anda";
    delete_body() "You lose access to every application at once. Subscriptions end now, without money back, and nothing more is charged. Your name, address, profile and kept payment methods are deleted. Payments, invoices and a log of what was done, when and by whom stay for the books, under a number instead of your name. Each application is told; what it keeps of you itself is in its hands. This cannot be undone." | "Anda langsung kehilangan akses ke semua aplikasi. Langganan berakhir sekarang tanpa pengembalian dana, dan tidak ada tagihan lagi. Nama, alamat, profil, dan metode pembayaran tersimpan Anda dihapus. Pembayaran, faktur, serta catatan tentang apa yang dilakukan, kapan, dan oleh siapa tetap disimpan untuk pembukuan, dengan nomor sebagai ganti nama Anda. Setiap aplikasi diberi tahu; data Anda yang disimpannya sendiri berada di tangannya. Ini tidak dapat dibatalkan.";
    delete_button() "Delete my account" | "Hapus akun saya";
    deleted_title() "Your account is deleted" | "Akun Anda telah dihapus";
    deleted_body() "You are signed out everywhere." | "Anda sudah keluar dari semua perangkat.";
}

impl Text {
    /// What a role in an organization is called.
    pub fn role_in_organization(self, role: OrganizationRole) -> String {
        match role {
            OrganizationRole::Owner => self.organization_role_owner(),
            OrganizationRole::Admin => self.organization_role_admin(),
            OrganizationRole::Member => self.organization_role_member(),
        }
    }
}
