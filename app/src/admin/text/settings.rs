//! Settings of an application.

use crate::i18n::messages;

messages! {
    general() "General" | "Umum";
    description() "Description" | "Deskripsi";
    product_url() "Product URL" | "URL produk";
    product_url_hint() "Notices lead people back there." | "Pemberitahuan mengarahkan orang kembali ke sana.";
    icon_url() "Icon URL" | "URL ikon";
    default_language() "Default language" | "Bahasa bawaan";
    signing_in() "Sign-in" | "Proses masuk";
    allow_register() "Anybody may register" | "Siapa pun boleh mendaftar";
    allow_register_hint() "Signing in makes a membership. Off: only people to whom you grant access." | "Masuk membuat keanggotaan. Mati: hanya orang yang Anda beri akses.";
    is_mfa_required() "Ask for a second factor" | "Minta faktor kedua";
    is_mfa_required_hint() "Who has none adds one on the way in." | "Yang belum punya menambahkannya saat masuk.";
    skip_consent() "Skip the consent page for every client" | "Lewati halaman persetujuan untuk semua klien";
    plan_selection() "Plan selection" | "Pemilihan paket";
    plan_selection_first() "At the first sign-in" | "Saat pertama masuk";
    plan_selection_always() "At every sign-in" | "Setiap kali masuk";
    plan_selection_never() "Never" | "Tidak pernah";
    allowed_scopes() "Allowed scopes" | "Cakupan yang diizinkan";
    allowed_scopes_hint() "What its clients may ask for." | "Yang boleh diminta kliennya.";
    resources() "Resources" | "Sumber daya";
    resources_hint() "URIs of the APIs for which its clients may ask access tokens (resource), one per line." | "URI dari API yang token aksesnya boleh diminta kliennya (resource), satu per baris.";
    theme() "Theme" | "Tema";
    theme_body() "The hosted pages wear it: sign-in, plan selection, consent." | "Dipakai halaman publik: masuk, pemilihan paket, persetujuan.";
    logo_url() "Logo URL" | "URL logo";
    logo_url_hint() "A PNG, JPEG, GIF or WebP of at most 256 KiB." | "PNG, JPEG, GIF, atau WebP, maksimum 256 KiB.";
    brand_color() "Brand" | "Merek";
    background_color() "Background" | "Latar";
    text_color() "Text" | "Teks";
    colors_light() "Light" | "Terang";
    colors_dark() "Dark" | "Gelap";
    contrast_bad(ratio) "Contrast of text on background is {ratio}:1; 4.5:1 is the least that everybody can read." | "Kontras teks terhadap latar {ratio}:1; minimal 4,5:1 agar terbaca semua orang.";
    contrast_brand(ratio, link) "Contrast of the brand colour on the background is {ratio}:1, below 4.5:1: buttons stand out less, and links take {link} so that everybody can read them." | "Kontras warna merek terhadap latar {ratio}:1, di bawah 4,5:1: tombol kurang menonjol, dan tautan memakai {link} agar terbaca semua orang.";
    decimal_point() "." | ",";
    font() "Font" | "Huruf";
    font_system() "System" | "Sistem";
    font_rounded() "Rounded" | "Membulat";
    radius() "Corner radius" | "Radius sudut";
    support_url() "Support URL" | "URL bantuan";
    terms_url() "Terms URL" | "URL ketentuan";
    privacy_url() "Privacy URL" | "URL privasi";
    default_choice() "Default" | "Bawaan";
    delete_application() "Delete this application" | "Hapus aplikasi ini";
    delete_application_body() "Its clients, plans, memberships and subscriptions go with it, and so do its orders, payments, invoices, coupons and credit: download first what your books need, on the page Payments. Subscriptions that a payment provider renews have to be canceled at once first. This cannot be undone." | "Klien, paket, keanggotaan, dan langganannya ikut terhapus, begitu pula pesanan, pembayaran, faktur, kupon, dan kreditnya: unduh dahulu yang diperlukan pembukuan Anda di halaman Pembayaran. Langganan yang diperpanjang oleh penyedia pembayaran harus dibatalkan seketika terlebih dahulu. Penghapusan tidak dapat dibatalkan.";
    application_billed(n) "A payment provider goes on charging {n} subscriptions of this application, so it cannot be deleted. Use “Cancel now” on the page of each first." | "Penyedia pembayaran terus menagih {n} langganan aplikasi ini, sehingga aplikasi tidak dapat dihapus. Gunakan “Batalkan sekarang” di halaman masing-masing terlebih dahulu.";
    application_billed_once() "A payment provider goes on charging 1 subscription of this application, so it cannot be deleted. Use “Cancel now” on its page first." | "Penyedia pembayaran terus menagih 1 langganan aplikasi ini, sehingga aplikasi tidak dapat dihapus. Gunakan “Batalkan sekarang” di halamannya terlebih dahulu.";
    application_ordered(n) "{n} orders of this application can still be paid on the page of a payment provider, so it cannot be deleted. They end within a day." | "{n} pesanan aplikasi ini masih dapat dibayar di halaman penyedia pembayaran, sehingga aplikasi tidak dapat dihapus. Semuanya berakhir dalam satu hari.";
    application_ordered_once() "1 order of this application can still be paid on the page of a payment provider, so it cannot be deleted. It ends within a day." | "1 pesanan aplikasi ini masih dapat dibayar di halaman penyedia pembayaran, sehingga aplikasi tidak dapat dihapus. Pesanan itu berakhir dalam satu hari.";
    application_untold() "A payment provider has not been told everything yet, such as a cancellation, so this application cannot be deleted. Try again in a minute. If that does not help, check the payment keys." | "Penyedia pembayaran belum menerima semua kabar, misalnya pembatalan, sehingga aplikasi ini tidak dapat dihapus. Coba lagi sebentar lagi. Jika tetap gagal, periksa kunci pembayaran.";
}
