//! The customer portal.

use super::messages;

messages! {
    portal_title() "Your plan" | "Paket Anda";
    portal_gone_title() "This link cannot be used any more" | "Tautan ini tidak dapat dipakai lagi";
    portal_gone_body() "It works once and for five minutes. Go back to the application and open your plan again." | "Tautan hanya berlaku sekali dan selama lima menit. Kembali ke aplikasi dan buka paket Anda lagi.";
    portal_closed_title() "Open your plan from the application" | "Buka paket Anda dari aplikasi";
    portal_closed_body() "For your safety this page closes by itself after half an hour. Go back to the application and open it again." | "Demi keamanan, halaman ini tertutup sendiri setelah setengah jam. Kembali ke aplikasi dan buka lagi.";
    portal_account(who) "Account {who}" | "Akun {who}";

    current_plan() "Current plan" | "Paket saat ini";
    portal_no_plan() "No plan" | "Tanpa paket";
    portal_no_plan_body(product) "You have no plan in {product} at the moment. Choose one below." | "Saat ini Anda tidak memiliki paket di {product}. Pilih salah satu di bawah.";
    price_monthly(money) "{money} per month" | "{money} per bulan";
    price_yearly(money) "{money} per year" | "{money} per tahun";
    price_once(money) "{money}, paid once" | "{money}, sekali bayar";
    next_charge() "Next charge" | "Tagihan berikutnya";
    first_charge() "First charge after trial" | "Tagihan pertama setelah uji coba";
    next_invoice() "Next invoice" | "Faktur berikutnya";
    first_invoice() "First invoice after trial" | "Faktur pertama setelah uji coba";
    invoice_by_link() "Nothing is charged by itself: you get the invoice with a link to pay." | "Tidak ada yang ditagih otomatis: Anda mendapat faktur dengan tautan pembayaran.";
    ends_on() "Ends on" | "Berakhir pada";
    trial_ends_on() "Trial ends on" | "Uji coba berakhir pada";

    pending_change_title(plan, date) "{plan} from {date}" | "{plan} mulai {date}";
    pending_change_body(current, date) "You keep {current} until {date}." | "Anda tetap memakai {current} hingga {date}.";
    pending_change_then(current, date, price) "You keep {current} until {date}. After that it is {price}." | "Anda tetap memakai {current} hingga {date}. Setelah itu {price}.";
    planned() "Planned" | "Terjadwal";
    undo() "Undo" | "Urungkan";
    canceled_title(plan, date) "You keep {plan} until {date}" | "Anda tetap memakai {plan} hingga {date}";
    canceled_body() "After that nothing is charged. You can change your mind until then." | "Setelah itu tidak ada tagihan. Anda dapat berubah pikiran sampai saat itu.";
    resume() "Resume" | "Lanjutkan langganan";
    paused_title(plan) "{plan} is paused" | "{plan} sedang dijeda";
    paused_body() "Nothing is charged meanwhile. What you have paid for goes on when you resume. To take another plan, resume first." | "Selama itu tidak ada tagihan. Masa yang sudah dibayar berjalan lagi saat Anda melanjutkan. Untuk mengganti paket, lanjutkan dulu.";
    past_due_title() "The last payment did not go through" | "Pembayaran terakhir tidak berhasil";
    past_due_body(plan, date) "Pay by {date} to keep {plan}." | "Bayar sebelum {date} agar {plan} tetap aktif.";
    pay_invoice(money) "Pay {money}" | "Bayar {money}";

    portal_managed_body(product) "{product} assigned this plan, so it cannot be changed here. Ask the people who run it." | "{product} menetapkan paket ini sehingga tidak dapat diubah di sini. Hubungi pengelolanya.";
    change_plan() "Change plan" | "Ganti paket";
    choose_a_plan() "Choose a plan" | "Pilih paket";
    upgrade() "Upgrade" | "Tingkatkan";
    downgrade() "Downgrade" | "Turunkan";
    switch_plan() "Switch" | "Ganti";
    choose() "Choose" | "Pilih";
    change_to(action, plan, price) "{action} to {plan}, {price}" | "{action} ke {plan}, {price}";
    preview_title(plan) "Change to {plan}" | "Ganti ke {plan}";
    preview_choose_title(plan) "Choose {plan}" | "Pilih {plan}";
    preview_loading() "Working out the exact amount…" | "Menghitung jumlah yang tepat…";
    you_gain() "You gain" | "Yang Anda dapat";
    you_lose() "You lose" | "Yang hilang";
    same_features() "The features stay the same." | "Fiturnya tetap sama.";
    feature_value(name, value) "{name}: {value}" | "{name}: {value}";
    feature_change(name, from, to) "{name}: {to} instead of {from}" | "{name}: {to}, sebelumnya {from}";
    money_now_then(due, next, date) "You pay {due} today, then {next} on {date}." | "Anda membayar {due} hari ini, lalu {next} pada {date}.";
    money_rest_then(due, next, date) "You pay {due} today for the rest of the current period, then {next} on {date}." | "Anda membayar {due} hari ini untuk sisa periode berjalan, lalu {next} pada {date}.";
    money_once(due) "You pay {due} today, once. It does not renew." | "Anda membayar {due} hari ini, sekali saja. Tidak diperpanjang.";
    money_nothing_then(next, date) "Nothing is due today. The next charge is {next} on {date}." | "Hari ini tidak ada yang dibayar. Tagihan berikutnya {next} pada {date}.";
    money_nothing() "Nothing is due today." | "Hari ini tidak ada yang dibayar.";
    money_trial(date, next) "Nothing today. Free until {date}, then {next}." | "Hari ini tidak ada yang dibayar. Gratis sampai {date}, lalu {next}.";
    money_later(current, date, plan, next) "Nothing today. You keep {current} until {date}; then {plan} for {next}." | "Hari ini tidak ada yang dibayar. Anda tetap memakai {current} hingga {date}, lalu {plan} seharga {next}.";
    money_later_free(current, date, plan) "Nothing today. You keep {current} until {date}; then {plan}, and nothing more is charged." | "Hari ini tidak ada yang dibayar. Anda tetap memakai {current} hingga {date}, lalu {plan} tanpa tagihan lagi.";
    money_free() "It changes at once. Nothing is charged." | "Berlaku seketika. Tidak ada yang ditagih.";
    money_credit(credit) "{credit} goes to your credit." | "{credit} menjadi kredit Anda.";
    money_changed() "The amount has changed since you saw it. Look at it again before you confirm." | "Jumlahnya berubah sejak Anda melihatnya. Periksa lagi sebelum mengonfirmasi.";
    continue_to_payment() "Continue to payment" | "Lanjut ke pembayaran";
    change_on(date) "Change on {date}" | "Ganti pada {date}";
    change_now() "Change now" | "Ganti sekarang";
    keep_as_it_is() "Keep as it is" | "Biarkan seperti ini";
    change_scheduled_title(date) "Your plan changes on {date}" | "Paket Anda berganti pada {date}";
    change_scheduled_body(current, plan) "You keep {current} until then. After that you have {plan}." | "Anda tetap memakai {current} sampai saat itu. Setelahnya Anda memakai {plan}.";

    payment_method() "Payment method" | "Metode pembayaran";
    no_payment_method() "None is kept. What is due is paid by link." | "Tidak ada yang disimpan. Tagihan dibayar lewat tautan.";
    change_method() "Change" | "Ganti";
    add_method() "Add" | "Tambah";
    remove_method() "Remove" | "Hapus";
    remove_method_effect() "Nothing is charged by itself any more: what is due comes as an invoice with a link to pay." | "Tidak ada lagi yang ditagih otomatis: tagihan datang sebagai faktur dengan tautan pembayaran.";
    method_needed() "It pays for your plan. To remove it, cancel the plan first, or change it for another one." | "Metode ini membayar paket Anda. Untuk menghapusnya, batalkan paket dulu, atau ganti dengan yang lain.";
    method_with_payment() "To use another one, remove this one and pay the next bill by its link." | "Untuk memakai yang lain, hapus yang ini lalu bayar tagihan berikutnya lewat tautannya.";
    credit_balance() "Credit" | "Kredit";
    credit_hint() "Used for your next charges by itself." | "Dipakai otomatis untuk tagihan berikutnya.";
    credit_hint_renewals() "Used by itself when your plan renews." | "Dipakai otomatis saat paket Anda diperpanjang.";

    payments_title() "Payments and invoices" | "Pembayaran dan faktur";
    no_payments() "No payments yet." | "Belum ada pembayaran.";
    pay_now() "Pay now" | "Bayar sekarang";
    payment_pending() "Pending" | "Menunggu";
    payment_paid() "Paid" | "Lunas";
    payment_differs() "Being checked" | "Sedang diperiksa";
    payment_partly_refunded() "Partly refunded" | "Dikembalikan sebagian";
    payment_refunded() "Refunded" | "Dikembalikan";
    payment_failed() "Failed" | "Gagal";
    payment_expired() "Expired" | "Kedaluwarsa";
    payment_disputed() "Disputed" | "Disanggah";
    payment_charged_back() "Charged back" | "Ditarik bank";
    invoice_open() "Open" | "Belum dibayar";
    invoice_void() "Void" | "Batal";
    invoice_uncollectible() "Not paid" | "Tidak dibayar";

    cancel_plan() "Cancel plan" | "Batalkan paket";
    cancel_until(plan, date) "You keep {plan} until {date}. Nothing is charged after that." | "Anda tetap memakai {plan} hingga {date}. Setelah itu tidak ada tagihan.";
    cancel_at_once(plan) "{plan} ends at once." | "{plan} langsung berakhir.";
    cancel_reason() "Why do you cancel? (optional)" | "Mengapa Anda membatalkan? (opsional)";
    cancel_button(plan) "Cancel {plan}" | "Batalkan {plan}";

    done_canceled_plan() "Your plan is canceled." | "Paket Anda dibatalkan.";
    done_undone() "Undone. Your plan goes on as it is." | "Diurungkan. Paket Anda berjalan seperti biasa.";
    done_resumed() "Your plan goes on." | "Paket Anda berjalan lagi.";
    done_scheduled_change() "The change is noted." | "Perubahan tercatat.";
    done_paid() "Thank you. The payment has arrived." | "Terima kasih. Pembayaran telah diterima.";
    done_changed() "Your plan has changed." | "Paket Anda telah berganti.";
    done_method_changed() "The payment method is up to date." | "Metode pembayaran sudah diperbarui.";
    done_method_removed() "The payment method is removed." | "Metode pembayaran dihapus.";
    nothing_to_do() "That is done already, or cannot be done any more. This is how it stands now." | "Itu sudah dilakukan, atau tidak dapat dilakukan lagi. Inilah keadaan sekarang.";

    invoice_title(number) "Invoice {number}" | "Faktur {number}";
    invoice_from() "From" | "Dari";
    billed_to() "Billed to" | "Ditagihkan kepada";
    issued_on() "Date" | "Tanggal";
    billing_time(from, to) "{from} to {to}" | "{from} hingga {to}";
    paid_with() "Paid with" | "Dibayar dengan";
    total_due() "Total" | "Total";
    back_to_plan() "Back to your plan" | "Kembali ke paket Anda";
}
