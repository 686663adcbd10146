//! Outgoing webhooks: endpoints and deliveries.

use domain::webhook::event::EventType;

use crate::i18n::{Text, messages};

messages! {
    section_webhooks() "Webhooks" | "Webhook";
    webhooks_body() "Your own servers are told of what happens here. Each endpoint gets the events that it asks for, signed with its own secret." | "Server Anda sendiri diberi tahu apa yang terjadi di sini. Setiap endpoint mendapat peristiwa yang dimintanya, ditandatangani dengan rahasianya sendiri.";
    webhooks_none_title() "No endpoints yet" | "Belum ada endpoint";
    webhooks_none_body() "Add an address of your server, and it learns of new users, subscriptions and payments as they happen." | "Tambahkan alamat server Anda, dan server itu langsung tahu tentang pengguna, langganan, dan pembayaran baru.";
    endpoint() "Endpoint" | "Endpoint";
    endpoint_new() "New endpoint" | "Endpoint baru";
    endpoint_add() "Add endpoint" | "Tambah endpoint";
    endpoint_id() "Endpoint ID" | "ID endpoint";
    endpoint_url() "URL" | "URL";
    endpoint_url_hint() "Where events are posted. https, or http on a loopback address." | "Tujuan pengiriman peristiwa. https, atau http pada alamat loopback.";
    endpoint_description_hint() "Optional. Only admins see it." | "Opsional. Hanya dilihat admin.";
    endpoint_events() "Events" | "Peristiwa";
    endpoint_events_hint() "None is checked: every event, also those that later versions add." | "Tidak ada yang dicentang: semua peristiwa, termasuk yang ditambahkan versi berikutnya.";
    endpoint_every_event() "Every event" | "Semua peristiwa";
    endpoint_enabled() "Send events" | "Kirim peristiwa";
    endpoint_enabled_hint() "While this is off nothing is sent, and what happens meanwhile is not sent later either." | "Selama ini mati tidak ada yang dikirim, dan yang terjadi selama itu juga tidak dikirim belakangan.";
    endpoint_on() "On" | "Aktif";
    endpoint_off() "Off" | "Mati";
    endpoint_gone() "Gone" | "Hilang";
    endpoint_off_since(date) "Off since {date}" | "Mati sejak {date}";
    endpoint_gone_since(date) "Its server answered 410 Gone on {date}, so that nothing is sent any more. Switch it on again below." | "Servernya menjawab 410 Gone pada {date}, sehingga tidak ada lagi yang dikirim. Aktifkan lagi di bawah.";
    endpoint_secret() "Signing secret" | "Rahasia penanda tangan";
    endpoint_rotate_body() "Makes a new secret, shown once. For 24 hours every event is signed with the old one as well." | "Membuat rahasia baru, ditampilkan sekali. Selama 24 jam setiap peristiwa juga ditandatangani dengan yang lama.";
    endpoint_test() "Send a test event" | "Kirim peristiwa uji";
    endpoint_verify() "Check what arrives" | "Periksa yang datang";
    endpoint_verify_body() "Every request is signed as Standard Webhooks has it. Take nothing whose signature is wrong; answer with 2xx within five seconds, or it is sent again." | "Setiap permintaan ditandatangani menurut Standard Webhooks. Jangan terima yang tanda tangannya salah; jawab dengan 2xx dalam lima detik, atau akan dikirim lagi.";
    endpoint_delete() "Delete this endpoint" | "Hapus endpoint ini";
    endpoint_delete_body() "Nothing is sent there any more, also what waits. The list of its deliveries goes with it." | "Tidak ada lagi yang dikirim ke sana, termasuk yang masih menunggu. Daftar pengirimannya ikut terhapus.";
    done_webhook_tested() "A test event is on its way." | "Peristiwa uji sedang dikirim.";

    deliveries() "Deliveries" | "Pengiriman";
    deliveries_body() "What was sent to this endpoint. It is kept for 30 days; what was not taken is tried again for three." | "Yang dikirim ke endpoint ini. Disimpan 30 hari; yang tidak diterima dicoba lagi selama tiga hari.";
    deliveries_none_title() "Nothing was sent yet" | "Belum ada yang dikirim";
    deliveries_none_body() "Every event that this endpoint asks for appears here, with what was answered. To see one, send a test event." | "Setiap peristiwa yang diminta endpoint ini muncul di sini, beserta jawabannya. Untuk melihatnya, kirim peristiwa uji.";
    delivery() "Delivery" | "Pengiriman";
    delivery_event() "Event" | "Peristiwa";
    delivery_event_id() "Event ID" | "ID peristiwa";
    delivery_date() "Queued" | "Diantrekan";
    delivery_attempts() "Attempts" | "Percobaan";
    delivery_answer() "Last answer" | "Jawaban terakhir";
    delivery_untried() "Not sent yet" | "Belum dikirim";
    delivery_unanswered() "No answer" | "Tidak ada jawaban";
    delivery_no_text() "The answer had no body." | "Jawabannya tidak memiliki isi.";
    delivery_waiting() "Waiting" | "Menunggu";
    delivery_delivered() "Delivered" | "Terkirim";
    delivery_failed() "Given up" | "Dihentikan";
    delivery_next() "Next attempt" | "Percobaan berikutnya";
    delivery_next_off() "Waits until the endpoint is on" | "Menunggu sampai endpoint aktif";
    delivery_request() "Request" | "Permintaan";
    delivery_request_body() "Every attempt adds a webhook-timestamp and a webhook-signature of its own." | "Setiap percobaan menambahkan webhook-timestamp dan webhook-signature sendiri.";
    delivery_again() "Send again" | "Kirim ulang";
    delivery_again_body() "It keeps its event ID, so that a receiver knows what it has taken already." | "ID peristiwanya tetap, sehingga penerima tahu apa yang sudah diterimanya.";
    delivery_endpoint_off() "The endpoint is off: nothing is sent." | "Endpoint mati: tidak ada yang dikirim.";
    done_webhook_resent() "It is on its way again." | "Sedang dikirim ulang.";

    event_user_created() "Somebody made an account on the way to this application." | "Seseorang membuat akun saat menuju aplikasi ini.";
    event_membership_created() "A user got access." | "Pengguna mendapat akses.";
    event_membership_updated() "Access or roles changed." | "Akses atau peran berubah.";
    event_plan_selected() "A user chose a plan." | "Pengguna memilih paket.";
    event_claims_updated() "The claims of a user changed." | "Claims pengguna berubah.";
    event_subscription_created() "A subscription began." | "Langganan dimulai.";
    event_subscription_updated() "A subscription was renewed, changed or paused, or is past due." | "Langganan diperpanjang, diubah, dijeda, atau menunggak.";
    event_subscription_canceled() "A subscription was canceled." | "Langganan dibatalkan.";
    event_subscription_expired() "A subscription ended." | "Langganan berakhir.";
    event_payment_settled() "Money arrived." | "Uang tiba.";
    event_payment_failed() "A payment failed, or nobody paid in time." | "Pembayaran gagal, atau tidak dibayar tepat waktu.";
    event_payment_refunded() "Money went back." | "Uang dikembalikan.";
    event_test() "Sent from this dashboard." | "Dikirim dari dasbor ini.";
}

impl Text {
    /// What has happened when such an event is sent.
    pub fn event(self, event: EventType) -> String {
        match event {
            EventType::UserCreated => self.event_user_created(),
            EventType::MembershipCreated => self.event_membership_created(),
            EventType::MembershipUpdated => self.event_membership_updated(),
            EventType::PlanSelected => self.event_plan_selected(),
            EventType::ClaimsUpdated => self.event_claims_updated(),
            EventType::SubscriptionCreated => self.event_subscription_created(),
            EventType::SubscriptionUpdated => self.event_subscription_updated(),
            EventType::SubscriptionCanceled => self.event_subscription_canceled(),
            EventType::SubscriptionExpired => self.event_subscription_expired(),
            EventType::PaymentSettled => self.event_payment_settled(),
            EventType::PaymentFailed => self.event_payment_failed(),
            EventType::PaymentRefunded => self.event_payment_refunded(),
            EventType::Test => self.event_test(),
        }
    }
}
