//! Organizations of the server.

use crate::i18n::messages;

messages! {
    server() "Server" | "Server";
    server_organizations() "Organizations" | "Organisasi";
    server_organizations_body() "Companies and teams whose people use the applications. Tokens name the one that a person acts for." | "Perusahaan dan tim yang anggotanya memakai aplikasi. Token menyebut organisasi yang diwakili seseorang.";
    organizations_search() "Search by name or short name" | "Cari nama atau nama pendek";
    organizations_none_title() "No organizations yet" | "Belum ada organisasi";
    organizations_none_body() "Create one and name its first owner, or invite its people by mail. From then on its owners and admins look after it themselves." | "Buat organisasi dan tentukan pemilik pertamanya, atau undang anggotanya lewat email. Selanjutnya pemilik dan adminnya mengelola sendiri.";
    organizations_no_match_body() "Try another search." | "Coba pencarian lain.";
    organization() "Organization" | "Organisasi";
    organization_id() "Organization ID (org_id)" | "ID organisasi (org_id)";
    organization_name() "Name" | "Nama";
    organization_name_hint() "Its people and invitations name it so." | "Dilihat anggotanya dan tertulis pada undangan.";
    organization_slug_hint() "Unique on this server. It never changes." | "Unik di server ini. Tidak pernah berubah.";
    organization_since() "Created" | "Dibuat";
    organization_new() "New organization" | "Organisasi baru";
    organization_create() "Create organization" | "Buat organisasi";
    organization_create_body() "People are invited on the next page." | "Anggota diundang di halaman berikutnya.";
    organization_first_owner() "First owner" | "Pemilik pertama";
    organization_first_owner_hint() "Optional: the address of somebody who has an account on this server. Anybody else can be invited as owner afterwards." | "Opsional: alamat orang yang memiliki akun di server ini. Orang lain dapat diundang sebagai pemilik setelahnya.";
    organization_people_body() "Admins invite and remove people; owners also decide who is an owner." | "Admin mengundang dan mengeluarkan anggota; pemilik juga menentukan siapa yang menjadi pemilik.";
    organization_nobody() "Nobody belongs to it yet." | "Belum ada anggota.";
    organization_joined(date) "Joined {date}" | "Bergabung {date}";
    invitation() "Invitation" | "Undangan";
    invitation_again() "Send again" | "Kirim lagi";
    invitation_again_of(person) "Send the invitation of {person} again" | "Kirim lagi undangan {person}";
    organization_delete() "Delete this organization" | "Hapus organisasi ini";
    organization_delete_body() "Its people keep their accounts; their tokens name it no more, and open invitations stop working." | "Anggotanya tetap memiliki akun; token mereka tidak lagi menyebutnya, dan undangan yang menunggu tidak berlaku lagi.";
    done_invited() "The invitation is on its way. An earlier one to this address does not work any more." | "Undangan sedang dikirim. Undangan sebelumnya ke alamat ini tidak berlaku lagi.";
    done_uninvited() "The invitation is taken back; its link does not work any more." | "Undangan ditarik; tautannya tidak berlaku lagi.";
    done_removed() "Removed. The next token does not name the organization." | "Dikeluarkan. Token berikutnya tidak menyebut organisasi ini.";
}
