//! The Plans tab.

use crate::i18n::messages;

messages! {
    new_plan() "New plan" | "Paket baru";
    create_plan() "Create plan" | "Buat paket";
    no_plans_title() "No plans yet" | "Belum ada paket";
    no_plans_body() "A plan is a tier of your product. What it includes travels in every token, so that your product needs no billing code." | "Paket adalah tingkatan produk Anda. Isinya ikut dalam setiap token, sehingga produk Anda tidak memerlukan kode penagihan.";
    example_plans() "Create a Free + Pro example" | "Buat contoh Free + Pro";
    example_free_description() "For trying things out" | "Untuk mencoba-coba";
    example_pro_description() "Full access for people who do this for a living" | "Akses penuh untuk pemakaian profesional";
    plans_free_of_charge() "This application has no payment provider: every plan is granted without payment." | "Aplikasi ini tidak memiliki penyedia pembayaran: setiap paket diberikan tanpa pembayaran.";
    plans_order_hint() "Plan selection shows the plans in this order." | "Halaman pemilihan menampilkan paket dalam urutan ini.";
    badge_default() "Default" | "Bawaan";
    badge_on_offer() "On offer" | "Ditawarkan";
    badge_unlisted() "Unlisted" | "Tidak ditampilkan";
    badge_archived() "Archived" | "Diarsipkan";
    subscribers(n) "{n} subscribers" | "{n} pelanggan";
    one_subscriber() "1 subscriber" | "1 pelanggan";
    no_subscribers() "No subscribers" | "Belum ada pelanggan";
    move_up(name) "Move {name} up" | "Naikkan {name}";
    move_down(name) "Move {name} down" | "Turunkan {name}";
    drag(name) "Drag {name} to another place" | "Seret {name} ke tempat lain";
    archive() "Archive" | "Arsipkan";
    unarchive() "Bring back" | "Kembalikan";
    no_prices() "No price: free" | "Tanpa harga: gratis";
    every_month(money) "{money} a month" | "{money} per bulan";
    every_year(money) "{money} a year" | "{money} per tahun";
    only_once(money) "{money} once" | "{money} sekali bayar";
    no_features() "No features" | "Tanpa fitur";
    more_features(n) "and {n} more" | "dan {n} lainnya";

    plan_name() "Name" | "Nama";
    plan_name_hint() "What people read on the plan card." | "Yang dibaca orang di kartu paket.";
    plan_key() "Key" | "Kunci";
    plan_key_hint() "In the token; it never changes." | "Dalam token; tidak pernah berubah.";
    plan_key_fixed() "Tokens carry this key. It never changes." | "Token memuat kunci ini. Tidak pernah berubah.";
    plan_description() "Description" | "Deskripsi";
    plan_features() "Features" | "Fitur";
    plan_features_hint() "Free-form values. They travel in access token, id_token and userinfo as they stand here." | "Nilai bebas. Ikut dalam access token, id_token, dan userinfo persis seperti di sini.";
    plan_default() "Default plan" | "Paket bawaan";
    plan_default_hint() "New members get it, without payment. Only one plan can be it; nobody's subscription moves." | "Anggota baru mendapatkannya, tanpa pembayaran. Hanya satu paket bawaan; langganan yang ada tidak berubah.";
    plan_default_priced() "This plan has a price, and as the default it is granted without payment." | "Paket ini memiliki harga, dan sebagai bawaan diberikan tanpa pembayaran.";
    plan_listed() "Show on plan selection" | "Tampilkan di pemilihan paket";
    plan_listed_hint() "Unlisted plans can be assigned by you and by the API, not chosen." | "Paket yang tidak ditampilkan hanya dapat ditetapkan oleh Anda atau API.";
    plan_stripe() "Stripe product" | "Produk Stripe";
    plan_stripe_hint() "Optional, such as prod_abc123." | "Opsional, misalnya prod_abc123.";
    first_price() "First price" | "Harga pertama";
    first_price_hint() "Leave it empty for a free plan. You can add more later." | "Kosongkan untuk paket gratis. Anda dapat menambah lagi nanti.";

    preview() "Preview" | "Pratinjau";
    preview_card() "On the plan selection page" | "Di halaman pemilihan paket";
    preview_token() "In the access token of a subscriber" | "Dalam access token pelanggan";
    preview_broken() "Mend the features to see the token." | "Perbaiki fitur untuk melihat token.";
    preview_nameless() "Your plan" | "Paket Anda";

    prices() "Prices" | "Harga";
    prices_hint() "Running subscriptions keep their price. A price in use is archived when you remove it." | "Langganan berjalan tetap pada harganya. Harga yang dipakai diarsipkan saat dihapus.";
    price() "Price" | "Harga";
    add_price() "Add price" | "Tambah harga";
    price_name() "Price name" | "Nama harga";
    price_name_hint() "Such as Monthly." | "Misalnya Bulanan.";
    amount() "Amount" | "Jumlah";
    amount_digits(digits, code) "{code} has {digits} decimals." | "{code} memiliki {digits} desimal.";
    amount_whole(code) "{code} is written without decimals." | "{code} ditulis tanpa desimal.";
    currency() "Currency" | "Mata uang";
    interval() "Charged" | "Ditagih";
    interval_month() "every month" | "setiap bulan";
    interval_year() "every year" | "setiap tahun";
    interval_once() "once" | "sekali";
    trial_days() "Trial days" | "Hari uji coba";
    trial_days_hint() "Optional, 1 to 730." | "Opsional, 1 sampai 730.";
    trial_of_day() "1 day of trial" | "uji coba 1 hari";
    trial_of_days(days) "{days} days of trial" | "uji coba {days} hari";
    remove_price(name) "Remove the price {name}" | "Hapus harga {name}";
    will_read(money) "People read {money}" | "Orang membaca {money}";

    archive_plan() "Archive this plan" | "Arsipkan paket ini";
    archive_plan_body() "No longer offered, still honoured: subscribers keep it until they change." | "Tidak ditawarkan lagi, tetap dihormati: pelanggan memilikinya sampai mereka berganti.";
    unarchive_plan() "Bring this plan back" | "Kembalikan paket ini";
    unarchive_plan_body() "It can be chosen and assigned again." | "Dapat dipilih dan ditetapkan lagi.";
    delete_plan() "Delete this plan" | "Hapus paket ini";
    delete_plan_effect() "The plan is gone for good, with its prices." | "Paket ini terhapus selamanya, beserta harganya.";
    delete_plan_body() "Only a plan without live subscriptions can be deleted. Its key and name become free." | "Hanya paket tanpa langganan aktif yang dapat dihapus. Kunci dan namanya menjadi bebas.";
    plan_in_use(n) "{n} live subscriptions hold this plan, so it cannot be deleted." | "{n} langganan aktif memakai paket ini, sehingga tidak dapat dihapus.";
    plan_in_use_once() "1 live subscription holds this plan, so it cannot be deleted." | "1 langganan aktif memakai paket ini, sehingga tidak dapat dihapus.";
    see_subscribers() "See the subscribers" | "Lihat pelanggan";
    archive_instead() "Archive it instead" | "Arsipkan saja";
}
