//! Coupons.

use crate::i18n::messages;

messages! {
    coupon() "Coupon" | "Kupon";
    desk_coupon_code() "Code" | "Kode";
    coupon_code_hint() "What people type: 3 to 32 of A-Z, 0-9, _ and -." | "Yang diketik orang: 3 sampai 32 karakter A-Z, 0-9, _ dan -.";
    coupon_off() "Takes off" | "Potongan";
    coupon_off_percent(share) "{share} %" | "{share} %";
    coupon_discount() "Discount" | "Diskon";
    coupon_kind_percent() "A share of the price" | "Persentase harga";
    coupon_kind_amount() "A fixed amount" | "Jumlah tetap";
    coupon_percent() "Percent" | "Persen";
    coupon_percent_hint() "More than 0, at most 100; two decimals." | "Lebih dari 0, paling banyak 100; dua desimal.";
    coupon_amount() "Discount amount" | "Jumlah potongan";
    coupon_amount_hint() "From charges in its currency only." | "Hanya dari tagihan dalam mata uangnya.";
    coupon_lasts() "Lasts" | "Berlaku untuk";
    coupon_once() "One charge" | "Satu tagihan";
    coupon_some_months() "Some months" | "Beberapa bulan";
    coupon_forever() "For ever" | "Selamanya";
    coupon_months() "Months" | "Bulan";
    coupon_months_hint() "1 to 120; a yearly charge counts twelve." | "1 sampai 120; tagihan tahunan dihitung dua belas.";
    coupon_for_month() "1 month" | "1 bulan";
    coupon_for_months(n) "{n} months" | "{n} bulan";
    coupon_cap() "Redemptions at most" | "Penukaran paling banyak";
    coupon_cap_hint() "Empty: any number. Each user once." | "Kosong: tanpa batas. Tiap pengguna sekali.";
    coupon_expiry() "Can be redeemed until" | "Dapat ditukar sampai";
    coupon_expiry_hint() "Optional; UTC. What was redeemed before goes on." | "Opsional; UTC. Yang sudah ditukar tetap berlaku.";
    coupon_plans() "Only for these plans" | "Hanya untuk paket ini";
    coupon_plans_hint() "None chosen: for every plan." | "Tidak dipilih: untuk semua paket.";
    coupon_every_plan() "every plan" | "semua paket";
    coupon_redeemed() "Redeemed" | "Ditukar";
    coupon_redeemed_of(n, cap) "{n} of {cap}" | "{n} dari {cap}";
    coupon_on_offer() "On offer" | "Berlaku";
    desk_coupon_expired() "Expired" | "Kedaluwarsa";
    desk_coupon_archived() "Archived" | "Diarsipkan";
    desk_coupon_used_up() "Used up" | "Habis";
    coupon_new() "New coupon" | "Kupon baru";
    coupon_new_body() "People enter its code at the checkout. Its terms cannot be changed afterwards: archive it and make another." | "Orang memasukkan kodenya saat checkout. Ketentuannya tidak dapat diubah kemudian: arsipkan lalu buat yang lain.";
    coupon_create() "Create coupon" | "Buat kupon";
    coupon_archive() "Archive" | "Arsipkan";
    coupon_archive_of(code) "Archive {code}" | "Arsipkan {code}";
    coupons_none_title() "No coupons yet" | "Belum ada kupon";
    coupons_none_body() "A coupon takes a share or an amount off: once, for some months or for ever, for all plans or some." | "Kupon memotong persentase atau jumlah: sekali, beberapa bulan, atau selamanya, untuk semua atau sebagian paket.";
    done_coupon() "The coupon is made." | "Kupon dibuat.";
    done_coupon_archived() "Archived: nobody can redeem it any more. Who has redeemed it keeps the discount." | "Diarsipkan: tidak dapat ditukar lagi. Yang sudah menukarnya tetap mendapat diskon.";
}
