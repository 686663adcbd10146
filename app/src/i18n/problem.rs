//! What each error code means to a person.

use domain::ErrorCode;

use super::{Text, messages};

messages! {
    problem_no_session() "Your session has ended. Sign in again." | "Sesi Anda telah berakhir. Silakan masuk lagi.";
    problem_mfa() "A second factor is required." | "Diperlukan faktor kedua.";
    problem_disabled() "This account is disabled. Ask the person who runs this server." | "Akun ini dinonaktifkan. Hubungi pengelola server.";
    problem_rights() "You do not have the rights for this." | "Anda tidak memiliki hak untuk ini.";
    problem_input() "Something in the form is not right. Check it and try again." | "Ada isian yang belum tepat. Periksa lalu coba lagi.";
    problem_application() "There is no such application." | "Aplikasi tidak ditemukan.";
    problem_slug() "This short name is taken. Choose another." | "Nama pendek ini sudah dipakai. Pilih yang lain.";
    problem_no_access() "This account has no access to the application." | "Akun ini tidak memiliki akses ke aplikasi.";
    problem_permission() "The role or permission is not valid." | "Peran atau izin tidak valid.";
    problem_role_missing() "There is no such role." | "Peran tidak ditemukan.";
    problem_permission_missing() "There is no such permission." | "Izin tidak ditemukan.";
    problem_role_taken() "A role of this name exists already." | "Peran dengan nama ini sudah ada.";
    problem_permission_taken() "This permission exists already." | "Izin ini sudah ada.";
    problem_role_used() "The role is in use." | "Peran sedang dipakai.";
    problem_plan() "There is no such plan." | "Paket tidak ditemukan.";
    problem_subscribed() "There is a subscription already." | "Sudah ada langganan.";
    problem_plan_used() "The plan has subscribers. Archive it instead." | "Paket masih memiliki pelanggan. Arsipkan saja.";
    problem_subscription_expired() "The subscription has expired." | "Langganan telah berakhir.";
    problem_plan_taken() "A plan with this key or name exists already." | "Paket dengan kunci atau nama ini sudah ada.";
    problem_billed() "A payment provider bills this subscription, so it cannot be changed here." | "Langganan ini ditagih oleh penyedia pembayaran sehingga tidak dapat diubah di sini.";
    problem_user() "There is no such user." | "Pengguna tidak ditemukan.";
    problem_last_superadmin() "The last superadmin cannot be removed." | "Superadmin terakhir tidak dapat dihapus.";
    problem_internal() "Something went wrong on our side. Try again in a moment." | "Terjadi kesalahan di pihak kami. Coba lagi sebentar lagi.";
    problem_provider() "The payment provider is not set up." | "Penyedia pembayaran belum disiapkan.";
    problem_organization() "There is no such organization, or you do not belong to it." | "Organisasi tidak ada, atau Anda bukan anggotanya.";
    problem_organization_taken() "Another organization has this slug." | "Slug ini sudah dipakai organisasi lain.";
    problem_organization_invalid() "An organization with members needs an owner who is not disabled. Make somebody else an owner first." | "Organisasi yang punya anggota perlu pemilik yang tidak dinonaktifkan. Jadikan orang lain pemilik dulu.";
    problem_organization_member() "This person is not a member." | "Orang ini bukan anggota.";
    problem_organization_member_taken() "This person is a member already." | "Orang ini sudah menjadi anggota.";
    problem_unanswered() "The payment provider does not answer at the moment. Nothing was charged and nothing is lost. Try again in a moment." | "Penyedia pembayaran sedang tidak menjawab. Tidak ada yang ditagih dan tidak ada yang hilang. Coba lagi sebentar lagi.";
    problem_rate() "Too many requests. Wait a little, then try again." | "Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi.";
}

impl Text {
    /// The sentence for an error code.
    pub fn problem(self, code: ErrorCode) -> String {
        match code {
            ErrorCode::NoSession => self.problem_no_session(),
            ErrorCode::BadCredentials => self.wrong_credentials(),
            ErrorCode::MfaRequired => self.problem_mfa(),
            ErrorCode::AccountDisabled => self.problem_disabled(),
            ErrorCode::TooManyAttempts => self.wait_a_moment(),
            ErrorCode::InsufficientRights => self.problem_rights(),
            ErrorCode::InvalidInput => self.problem_input(),
            ErrorCode::ApplicationNotFound => self.problem_application(),
            ErrorCode::SlugTaken => self.problem_slug(),
            ErrorCode::NoAccess => self.problem_no_access(),
            ErrorCode::PermissionInvalid => self.problem_permission(),
            ErrorCode::RoleNotFound => self.problem_role_missing(),
            ErrorCode::PermissionNotFound => self.problem_permission_missing(),
            ErrorCode::RoleTaken => self.problem_role_taken(),
            ErrorCode::PermissionTaken => self.problem_permission_taken(),
            ErrorCode::RoleInUse => self.problem_role_used(),
            ErrorCode::PlanNotFound => self.problem_plan(),
            ErrorCode::AlreadySubscribed => self.problem_subscribed(),
            ErrorCode::PlanInUse => self.problem_plan_used(),
            ErrorCode::SubscriptionExpired => self.problem_subscription_expired(),
            ErrorCode::PlanTaken => self.problem_plan_taken(),
            ErrorCode::BilledByProvider => self.problem_billed(),
            ErrorCode::UserNotFound => self.problem_user(),
            ErrorCode::LastSuperadmin => self.problem_last_superadmin(),
            ErrorCode::UserInvalid => self.cannot_register(),
            ErrorCode::OrganizationNotFound => self.problem_organization(),
            ErrorCode::OrganizationTaken => self.problem_organization_taken(),
            ErrorCode::OrganizationInvalid => self.problem_organization_invalid(),
            ErrorCode::OrganizationMemberNotFound => self.problem_organization_member(),
            ErrorCode::OrganizationMemberTaken => self.problem_organization_member_taken(),
            ErrorCode::Internal => self.problem_internal(),
            ErrorCode::ProviderNotConfigured => self.problem_provider(),
            ErrorCode::ProviderUnavailable => self.problem_unanswered(),
            ErrorCode::RateLimited => self.problem_rate(),
        }
    }
}
