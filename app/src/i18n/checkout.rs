//! Checkout, and the sandbox's own page.

use domain::billing::coupon::Refusal;

use super::{Text, messages};

messages! {
    checkout_title(plan) "Subscribe to {plan}" | "Berlangganan {plan}";
    checkout_once_title(plan) "Buy {plan}" | "Beli {plan}";
    bad_link_title() "This payment link is not right" | "Tautan pembayaran ini tidak benar";
    bad_link_body() "Open it from the mail again, whole. Nothing was charged." | "Buka lagi dari email secara utuh. Tidak ada yang ditagih.";
    bill_charged_title() "This invoice is being charged" | "Faktur ini sedang ditagih";
    bill_charged_body() "The kept payment method is being charged for it. Look again later." | "Metode pembayaran yang tersimpan sedang ditagih. Periksa kembali nanti.";
    bill_gone_title() "This invoice is not open any more" | "Faktur ini sudah tidak berlaku";
    bill_gone_body() "It was taken back, or its subscription has ended. Nothing is owed." | "Faktur ditarik kembali atau langganannya sudah berakhir. Tidak ada yang perlu dibayar.";
    due_today() "Due today" | "Dibayar hari ini";
    then_on(money, date) "Then {money} on {date}" | "Lalu {money} pada {date}";
    renews_monthly() "Renews every month until you cancel." | "Diperpanjang setiap bulan sampai Anda membatalkan.";
    renews_yearly() "Renews every year until you cancel." | "Diperpanjang setiap tahun sampai Anda membatalkan.";
    paid_only_once() "You pay once. It does not renew." | "Anda membayar sekali. Tidak diperpanjang.";
    trial_sentence(date, money) "Free until {date}, then {money}. Cancel before and you pay nothing." | "Gratis sampai {date}, lalu {money}. Batalkan sebelumnya dan Anda tidak membayar apa pun.";
    pay_amount(money) "Pay {money}" | "Bayar {money}";
    start_trial() "Start free trial" | "Mulai uji coba gratis";
    not_now() "Not now" | "Nanti saja";
    line_plan(plan) "{plan}" | "{plan}";
    line_trial_day() "Free trial, 1 day" | "Uji coba gratis, 1 hari";
    line_trial_days(days) "Free trial, {days} days" | "Uji coba gratis, {days} hari";
    line_unused(plan) "Unused time of {plan}" | "Sisa waktu {plan}";
    line_discount(code) "Discount {code}" | "Diskon {code}";
    line_credit() "Your credit" | "Kredit Anda";
    coupon_add() "Add a coupon" | "Tambahkan kupon";
    coupon_code() "Coupon code" | "Kode kupon";
    coupon_apply() "Apply" | "Pakai";
    coupon_applied(code) "Coupon {code}" | "Kupon {code}";
    coupon_remove() "Remove" | "Hapus";
    coupon_unknown() "This is no coupon code. Check how it is written." | "Ini bukan kode kupon. Periksa penulisannya.";
    coupon_archived() "This coupon is no longer offered." | "Kupon ini tidak lagi ditawarkan.";
    coupon_expired() "This coupon has expired." | "Kupon ini sudah kedaluwarsa.";
    coupon_used_up() "This coupon has been used up." | "Kupon ini sudah habis dipakai.";
    coupon_used_before() "You have used this coupon before." | "Anda sudah pernah memakai kupon ini.";
    coupon_other_plan() "This coupon is for another plan." | "Kupon ini untuk paket lain.";
    coupon_other_currency() "This coupon is in another currency." | "Kupon ini dalam mata uang lain.";
    payment_failed_title() "The payment did not go through" | "Pembayaran tidak berhasil";
    payment_failed_body() "Nothing was charged. Try again, or pay another way." | "Tidak ada yang ditagih. Coba lagi, atau bayar dengan cara lain.";
    payment_unanswered_title() "The payment page cannot be reached right now" | "Halaman pembayaran sedang tidak dapat dijangkau";
    payment_unanswered_body() "Nothing was charged, and your order is kept. Press the button again in a moment." | "Tidak ada yang ditagih, dan pesanan Anda tersimpan. Tekan tombolnya lagi sebentar lagi.";
    unasked_title() "We are still checking your payment" | "Kami masih memeriksa pembayaran Anda";
    unasked_body() "The payment provider does not answer at the moment. Nothing is lost: if you have paid, your plan starts as soon as it answers. This page looks again every few seconds." | "Penyedia pembayaran sedang tidak menjawab. Tidak ada yang hilang: jika Anda sudah membayar, paket Anda mulai segera setelah mereka menjawab. Halaman ini memeriksa lagi setiap beberapa detik.";
    pending_title() "Waiting for your payment" | "Menunggu pembayaran Anda";
    pending_body(product) "As soon as the money has arrived, {product} goes on by itself. You can close this page meanwhile." | "Begitu uang diterima, {product} akan lanjut sendiri. Sementara itu Anda boleh menutup halaman ini.";
    pending_until(date) "Pay before {date}" | "Bayar sebelum {date}";
    pending_left(time) "Time left: {time}" | "Sisa waktu: {time}";
    pending_over() "The time to pay is over." | "Waktu pembayaran sudah habis.";
    qris() "QRIS" | "QRIS";
    checked_by_itself() "This page looks every few seconds whether the payment is there." | "Halaman ini memeriksa pembayaran setiap beberapa detik.";
    check_now() "Check now" | "Periksa sekarang";
    show_how_to_pay() "Show how to pay" | "Tampilkan cara membayar";
    order_gone_title() "This checkout has ended" | "Pembayaran ini sudah berakhir";
    order_gone_body() "It has expired or was replaced by a newer one. Nothing was charged." | "Sudah kedaluwarsa atau digantikan yang lebih baru. Tidak ada yang ditagih.";
    other_user_title() "This checkout is for somebody else" | "Pembayaran ini untuk orang lain";
    other_user_body(who, product) "You are signed in as {who}, and {product} means another account. Sign in with that one to go on. Nothing was charged." | "Anda masuk sebagai {who}, sedangkan {product} memaksudkan akun lain. Masuk dengan akun itu untuk melanjutkan. Tidak ada yang ditagih.";
    plan_missing_title() "This plan is not on offer" | "Paket ini tidak ditawarkan";
    plan_missing_body(product) "{product} does not offer it, or not at this price. Go back and choose again. Nothing was charged." | "{product} tidak menawarkannya, atau tidak dengan harga ini. Kembali dan pilih lagi. Tidak ada yang ditagih.";
    plan_paused_title() "Your plan is paused" | "Paket Anda sedang dijeda";
    plan_paused_body(product) "It cannot be changed meanwhile. Go back to {product} and resume it first. Nothing was charged." | "Selama dijeda, paket tidak dapat diubah. Kembali ke {product} dan lanjutkan paketnya dulu. Tidak ada yang ditagih.";
    checkout_no_access_body(who, product) "You are signed in as {who}, and this account has no access to {product}. Ask the person who runs it. Nothing was charged." | "Anda masuk sebagai {who}, dan akun ini tidak memiliki akses ke {product}. Hubungi pengelolanya. Tidak ada yang ditagih.";
    received_title() "Payment received" | "Pembayaran diterima";
    received_body(plan, product) "Thank you. {plan} is active in {product} now." | "Terima kasih. {plan} kini aktif di {product}.";
    received_late_body(product) "Thank you, but this checkout had ended, so that nothing was bought. {product} keeps the money as your credit, or gives it back." | "Terima kasih, tetapi pembayaran ini sudah berakhir sehingga tidak ada yang dibeli. {product} menyimpan uangnya sebagai kredit Anda atau mengembalikannya.";
    bad_checkout_title() "This checkout link is not right" | "Tautan pembayaran ini tidak benar";
    bad_checkout_body() "Go back to the application and start again. Nothing was charged." | "Kembali ke aplikasi dan mulai lagi. Tidak ada yang ditagih.";

    sandbox_open() "Open the test bank" | "Buka bank uji";
    sandbox_title() "Test payment" | "Pembayaran uji";
    sandbox_body() "This is Turnpike's sandbox: it plays a bank. No money moves." | "Ini sandbox Turnpike: berperan sebagai bank. Tidak ada uang yang berpindah.";
    sandbox_card() "Test card" | "Kartu uji";
    sandbox_card_succeeds() "Succeeds" | "Berhasil";
    sandbox_card_declined() "Is declined" | "Ditolak";
    sandbox_card_authenticate() "Asks for 3-D Secure" | "Meminta 3-D Secure";
    sandbox_card_fails_later() "Fails at renewal" | "Gagal saat perpanjangan";
    sandbox_card_disputed() "Is disputed afterwards" | "Disanggah kemudian";
    sandbox_save() "Save the card" | "Simpan kartu";
    sandbox_or() "or pay by transfer" | "atau bayar dengan transfer";
    sandbox_va() "Bank transfer (virtual account)" | "Transfer bank (virtual account)";
    sandbox_declined() "The card was declined. Take another one." | "Kartu ditolak. Gunakan kartu lain.";
    sandbox_unknown_card() "This is none of the test cards." | "Ini bukan salah satu kartu uji.";
    sandbox_3ds_title() "3-D Secure" | "3-D Secure";
    sandbox_3ds_body(money) "Your bank asks: do you want to pay {money}?" | "Bank Anda bertanya: ingin membayar {money}?";
    sandbox_3ds_save() "Your bank asks: do you want this card to be kept? Nothing is paid now." | "Bank Anda bertanya: ingin kartu ini disimpan? Tidak ada yang dibayar sekarang.";
    sandbox_3ds_pass() "Yes, it is me" | "Ya, ini saya";
    sandbox_3ds_fail() "No, stop" | "Tidak, hentikan";
    sandbox_transfer_title() "Your transfer" | "Transfer Anda";
    sandbox_transfer_arrives() "Let the money arrive" | "Biarkan uang tiba";
    sandbox_back() "Back to the checkout" | "Kembali ke pembayaran";
    sandbox_test_mode() "Test mode: no real money" | "Mode uji: bukan uang sungguhan";
}

impl Text {
    /// How much longer a payment can be made, in seconds.
    pub fn time_to_pay(self, seconds: i64) -> String {
        match seconds {
            ..=0 => self.pending_over(),
            _ => self.pending_left(self.locale().countdown(seconds)),
        }
    }

    /// Why a coupon is refused.
    pub fn coupon_refused(self, refusal: Refusal) -> String {
        match refusal {
            Refusal::Archived => self.coupon_archived(),
            Refusal::Expired => self.coupon_expired(),
            Refusal::UsedUp => self.coupon_used_up(),
            Refusal::UsedBefore => self.coupon_used_before(),
            Refusal::OtherPlan => self.coupon_other_plan(),
            Refusal::OtherCurrency => self.coupon_other_currency(),
        }
    }
}
