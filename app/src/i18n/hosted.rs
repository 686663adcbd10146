//! Sign-in, registration, sign-out, consent, set-up and messages.

use super::messages;

messages! {
    sign_in() "Sign in" | "Masuk";
    sign_in_to(product) "Sign in to {product}" | "Masuk ke {product}";
    sign_in_dashboard() "Sign in to the dashboard" | "Masuk ke dasbor";
    email() "Email" | "Email";
    password() "Password" | "Kata sandi";
    show_password() "Show" | "Lihat";
    hide_password() "Hide" | "Tutup";
    name() "Name" | "Nama";
    no_account_yet() "No account yet?" | "Belum punya akun?";
    create_account() "Create an account" | "Buat akun";
    register_body() "We send you a link to choose a password." | "Kami mengirim tautan untuk membuat kata sandi.";
    register_button() "Send the link" | "Kirim tautan";
    create_account_for(product) "Create your {product} account" | "Buat akun {product}";
    already_have_account() "Already have an account?" | "Sudah punya akun?";
    password_hint() "At least 8 characters. A few unrelated words work well." | "Minimal 8 karakter. Beberapa kata acak sudah bagus.";
    by_creating() "By creating an account you agree to the" | "Dengan membuat akun, Anda menyetujui";
    and() "and" | "dan";
    wrong_credentials() "The email or the password is not right. Check both and try again." | "Email atau kata sandi tidak tepat. Periksa keduanya lalu coba lagi.";
    cannot_register() "No account can be made with this address. If it is yours, sign in instead." | "Akun tidak dapat dibuat dengan alamat ini. Jika ini milik Anda, silakan masuk.";
    wait_seconds(seconds) "Too many attempts. Wait {seconds} seconds, then try again." | "Terlalu banyak percobaan. Tunggu {seconds} detik, lalu coba lagi.";
    wait_minutes(minutes) "Too many attempts. Wait {minutes} minutes, then try again." | "Terlalu banyak percobaan. Tunggu {minutes} menit, lalu coba lagi.";
    wait_a_moment() "Too many attempts. Wait a little, then try again." | "Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi.";
    registration_closed() "Registration is closed" | "Pendaftaran ditutup";
    registration_closed_body(product) "{product} gives access by invitation. Ask the person who runs it." | "Akses ke {product} hanya lewat undangan. Hubungi pengelolanya.";

    forgot_link() "Forgot your password?" | "Lupa kata sandi?";
    forgot_title() "Choose a new password" | "Buat kata sandi baru";
    forgot_body() "Enter your email address. We send you a link to choose a new password." | "Masukkan alamat email Anda. Kami mengirim tautan untuk membuat kata sandi baru.";
    forgot_button() "Send the link" | "Kirim tautan";
    email_link() "Sign in by email" | "Masuk lewat email";
    email_link_title() "Sign in by email" | "Masuk lewat email";
    email_link_body() "Enter your email address. We send you a link that signs you in, without a password." | "Masukkan alamat email Anda. Kami mengirim tautan untuk masuk tanpa kata sandi.";
    email_link_button() "Send the link" | "Kirim tautan";
    back_to_sign_in() "Back to sign-in" | "Kembali ke halaman masuk";
    mail_sent_title() "Check your mail" | "Periksa email Anda";
    mail_sent_body(email) "We sent a mail to {email}. Its link works once, within an hour. If nothing comes, look among the spam." | "Kami mengirim email ke {email}. Tautannya berlaku satu kali, dalam satu jam. Jika tidak ada, periksa folder spam.";
    open_mailbox() "Open the test mailbox" | "Buka kotak surat uji";
    new_password_title() "Choose a new password" | "Buat kata sandi baru";
    new_password_body() "You are signed out everywhere else." | "Anda akan keluar dari semua perangkat lain.";
    new_password_button() "Save and sign in" | "Simpan dan masuk";
    confirm_title() "Choose a password" | "Buat kata sandi";
    confirm_body(product) "It finishes your {product} account." | "Dengan ini akun {product} Anda selesai dibuat.";
    link_sign_in_body(email) "Press the button to sign in as {email}." | "Tekan tombol untuk masuk sebagai {email}.";
    link_used_title() "This link cannot be used" | "Tautan ini tidak dapat dipakai";
    link_used_body() "It has been used already, or it is older than an hour. Ask for a new one on the sign-in page." | "Tautan sudah dipakai, atau sudah lebih dari satu jam. Minta yang baru di halaman masuk.";
    link_done_title() "You have an account already" | "Anda sudah memiliki akun";
    link_done_body() "The account with this address is there. Sign in." | "Akun dengan alamat ini sudah ada. Silakan masuk.";

    field_required() "Fill this in." | "Wajib diisi.";
    field_email() "Enter an email address, such as name@example.com." | "Masukkan alamat email, misalnya nama@contoh.com.";
    field_password_length() "Use 8 to 256 characters." | "Gunakan 8 sampai 256 karakter.";
    field_password_weak() "This password is easy to guess. Choose another, for example a few unrelated words." | "Kata sandi ini mudah ditebak. Pilih yang lain, misalnya beberapa kata acak.";
    field_name() "Use 1 to 100 characters." | "Gunakan 1 sampai 100 karakter.";
    field_plan() "Choose a plan." | "Pilih paket.";
    field_other() "This is not accepted. Check it and try again." | "Isian ini tidak diterima. Periksa lalu coba lagi.";

    sign_out() "Sign out" | "Keluar";
    sign_out_question() "Sign out?" | "Keluar dari akun?";
    sign_out_body(who) "You are signed in as {who}. Signing out ends this session on every application that uses it." | "Anda masuk sebagai {who}. Keluar akan mengakhiri sesi ini di semua aplikasi yang memakainya.";
    stay_signed_in() "Stay signed in" | "Tetap masuk";
    signed_out() "You are signed out" | "Anda sudah keluar";
    signed_out_body() "You can close this page." | "Halaman ini boleh ditutup.";
    sign_in_again() "Sign in again" | "Masuk lagi";
    signed_in_as(who) "Signed in as {who}" | "Masuk sebagai {who}";
    use_another_account() "Use another account" | "Gunakan akun lain";

    consent_title(client) "Allow {client}?" | "Izinkan {client}?";
    consent_body(client, product) "{client} asks for access to your {product} account. It will be able to:" | "{client} meminta akses ke akun {product} Anda. Aplikasi ini akan dapat:";
    consent_later() "You can take this back at any time:" | "Anda dapat mencabutnya kapan saja:";
    allow() "Allow" | "Izinkan";
    deny() "Cancel" | "Batal";
    scope_openid() "Know that it is you, and which plan you have" | "Mengenali Anda dan mengetahui paket Anda";
    scope_profile() "See your name, language and profile" | "Melihat nama, bahasa, dan profil Anda";
    scope_email() "See your email address" | "Melihat alamat email Anda";
    scope_address() "See your postal address" | "Melihat alamat pos Anda";
    scope_phone() "See your telephone number" | "Melihat nomor telepon Anda";
    scope_offline_access() "Keep this access while you are away" | "Tetap memiliki akses saat Anda tidak aktif";
    scope_roles() "See your roles" | "Melihat peran Anda";
    scope_permissions() "See your permissions" | "Melihat izin Anda";
    scope_org() "See your organization" | "Melihat organisasi Anda";

    setup_title() "Set up Turnpike" | "Siapkan Turnpike";
    setup_body() "This makes the first superadmin: the account that can do everything on this server." | "Ini membuat superadmin pertama: akun yang dapat melakukan segalanya di server ini.";
    setup_button() "Create superadmin" | "Buat superadmin";
    setup_used() "This setup link cannot be used" | "Tautan penyiapan ini tidak dapat dipakai";
    setup_used_body() "It has been used already, or it belongs to an earlier start. The server prints a fresh one when it starts without a superadmin." | "Tautan sudah dipakai, atau berasal dari proses sebelumnya. Server mencetak yang baru saat dijalankan tanpa superadmin.";

    no_access_title(product) "No access to {product}" | "Tidak ada akses ke {product}";
    no_access_body(who, product) "You are signed in as {who}, and this account has no access to {product}. Ask the person who runs it, or use another account." | "Anda masuk sebagai {who}, dan akun ini tidak memiliki akses ke {product}. Hubungi pengelolanya, atau gunakan akun lain.";
    flow_expired_title() "This sign-in has expired" | "Proses masuk ini sudah kedaluwarsa";
    flow_expired_body() "It was open for too long or the address is incomplete. Go back to the application and start again." | "Halaman terlalu lama terbuka atau alamatnya tidak lengkap. Kembali ke aplikasi dan mulai lagi.";
    start_again() "Start again" | "Mulai lagi";
    back_to(product) "Back to {product}" | "Kembali ke {product}";
    not_found_title() "Page not found" | "Halaman tidak ditemukan";
    not_found_body() "There is nothing at this address. It may have moved, or the link may be incomplete." | "Tidak ada apa pun di alamat ini. Mungkin sudah dipindah, atau tautannya tidak lengkap.";
    error_title() "Something went wrong" | "Terjadi kesalahan";
    error_body() "The fault is ours. Try again in a moment." | "Kesalahan ada di pihak kami. Coba lagi sebentar lagi.";
    request_id(id) "Request {id}" | "Permintaan {id}";
    bad_request_title() "This request cannot be handled" | "Permintaan ini tidak dapat diproses";
    bad_request_body() "What arrived was incomplete or too large. Go back and try again." | "Data yang diterima tidak lengkap atau terlalu besar. Kembali lalu coba lagi.";
    unknown_client_title() "This link does not come from a known application" | "Tautan ini bukan dari aplikasi yang dikenal";
    unknown_client_body() "The application that sent you here is not registered on this server. For your safety nothing was sent back to it." | "Aplikasi yang mengirim Anda ke sini tidak terdaftar di server ini. Demi keamanan, tidak ada yang dikirim kembali.";
    bad_redirect_title() "This link leads to an unknown address" | "Tautan ini menuju alamat yang tidak dikenal";
    bad_redirect_body() "The address to return to is not registered for the application. For your safety nothing was sent to it." | "Alamat tujuan tidak terdaftar untuk aplikasi ini. Demi keamanan, tidak ada yang dikirim ke sana.";
    for_developers() "For developers" | "Untuk pengembang";
    home() "Go to the dashboard" | "Buka dasbor";
}
