//! Payments and refunds.

use crate::i18n::messages;

messages! {
    payments_search() "Email, name, reference or id" | "Email, nama, referensi, atau id";
    payment() "Payment" | "Pembayaran";
    payment_amount() "Amount" | "Jumlah";
    payment_date() "Date" | "Tanggal";
    payment_for() "For" | "Untuk";
    payments_none_title() "No payments yet" | "Belum ada pembayaran";
    payments_none_body() "Every payment of a user appears here, with what it was for and what became of it. To try it out, choose the sandbox in the payment settings and buy a plan." | "Setiap pembayaran pengguna muncul di sini, beserta tujuan dan hasilnya. Untuk mencoba, pilih sandbox di pengaturan pembayaran lalu beli sebuah paket.";
    payments_settings() "Payment settings" | "Pengaturan pembayaran";
    payment_of(money) "Payment of {money}" | "Pembayaran {money}";
    payment_created() "Asked for" | "Diminta";
    payment_settled() "Money arrived" | "Uang tiba";
    payment_state_since(date) "since {date}" | "sejak {date}";
    desk_payment_method() "Method" | "Metode";
    payment_unknown_method() "not known yet" | "belum diketahui";
    payment_provider() "Provider" | "Penyedia";
    payment_reference() "Provider's reference" | "Referensi penyedia";
    payment_id() "Payment ID" | "ID pembayaran";
    payment_order() "Order ID" | "ID pesanan";
    payment_metadata() "Metadata of the application" | "Metadata dari aplikasi";
    payment_invoice() "Invoice" | "Tagihan";
    payment_received() "Received" | "Diterima";
    payment_given_back() "Given back" | "Dikembalikan";
    payment_test() "test" | "uji";
    order_title() "What was shown" | "Yang ditampilkan";
    order_due() "Due" | "Ditagih";
    order_covers(start, end) "{start} to {end}" | "{start} sampai {end}";
    order_credit(money) "{money} go to the credit balance." | "{money} masuk ke saldo kredit.";
    order_next(money, date) "Then {money} on {date}" | "Lalu {money} pada {date}";
    refund_title() "Refund" | "Kembalikan dana";
    refund_body(money) "Up to {money} can go back to the payer. A whole refund of what the current period was paid with ends the subscription at once." | "Hingga {money} dapat dikembalikan ke pembayar. Pengembalian penuh atas pembayaran periode berjalan langsung mengakhiri langganan.";
    refund_effect() "The money goes back to the payer. This cannot be undone." | "Dana kembali ke pembayar. Ini tidak dapat dibatalkan.";
    refund_none() "Nothing can be refunded now." | "Saat ini tidak ada yang bisa dikembalikan.";
    refund_amount() "Amount to refund" | "Jumlah yang dikembalikan";
    refund_amount_hint(money) "Empty: all of {money}." | "Kosong: seluruh {money}.";
    reason() "Reason" | "Alasan";
    reason_hint() "Optional; kept in the audit log." | "Opsional; disimpan di log audit.";
    refund() "Refund" | "Kembalikan";
    done_refunded() "Refunded. The provider has taken the order to pay it back." | "Dikembalikan. Penyedia sudah menerima perintah pengembalian.";
    purchase_new() "New subscription" | "Langganan baru";
    purchase_trial() "Trial" | "Uji coba";
    purchase_one_time() "One-time purchase" | "Pembelian sekali";
    purchase_free() "Free plan" | "Paket gratis";
    purchase_upgrade() "Upgrade" | "Naik paket";
    purchase_downgrade() "Downgrade" | "Turun paket";
    purchase_renewal() "Renewal" | "Perpanjangan";
}
