//! Plan selection.

use super::messages;

messages! {
    choose_plan() "Choose your plan" | "Pilih paket Anda";
    choose_plan_body(product) "You can change it later in {product}." | "Anda dapat menggantinya nanti di {product}.";
    plans_legend() "Plans" | "Paket";
    billing_period() "Billing period" | "Periode penagihan";
    monthly() "Monthly" | "Bulanan";
    yearly() "Yearly" | "Tahunan";
    once() "One-time" | "Sekali bayar";
    no_price_yet() "No price yet" | "Belum ada harga";
    free() "Free" | "Gratis";
    per_month() "per month" | "per bulan";
    billed_monthly() "billed monthly" | "ditagih bulanan";
    paid_once() "paid once" | "sekali bayar";
    total_per_year(money) "{money} billed yearly" | "{money} ditagih per tahun";
    save_percent(percent) "Save {percent}%" | "Hemat {percent}%";
    save_up_to(percent) "save up to {percent}%" | "hemat hingga {percent}%";
    current() "Current" | "Saat ini";
    free_trial_day() "Free trial 1 day" | "Uji coba gratis 1 hari";
    free_trial_days(days) "Free trial {days} days" | "Uji coba gratis {days} hari";
    continue_() "Continue" | "Lanjutkan";
    keep_plan(plan) "Keep {plan}" | "Tetap {plan}";
    skip() "Skip for now" | "Lewati dulu";
    included() "Included" | "Termasuk";
    not_included() "Not included" | "Tidak termasuk";
    cannot_change_title() "Your plan is managed for you" | "Paket Anda dikelola pihak lain";
    cannot_change_body(product) "{product} assigned this plan, so it cannot be changed here. You can keep it and go on." | "{product} menetapkan paket ini sehingga tidak dapat diubah di sini. Anda dapat tetap memakainya dan melanjutkan.";
    paused_change_body(product) "Resume it in {product} before you choose another plan. You can keep it and go on." | "Lanjutkan dulu di {product} sebelum memilih paket lain. Anda dapat tetap memakainya dan melanjutkan.";
    plan_gone() "This plan is no longer offered. Choose another." | "Paket ini tidak lagi ditawarkan. Pilih yang lain.";
    payment_missing_title() "Payment is not available yet" | "Pembayaran belum tersedia";
    payment_missing_body(product, plan, provider) "{product} takes payment for {plan} through {provider}, and {provider} is not set up on this server yet. Nothing was charged and your plan has not changed." | "{product} menerima pembayaran untuk {plan} melalui {provider}, dan {provider} belum disiapkan di server ini. Tidak ada biaya yang ditagih dan paket Anda tidak berubah.";
    choose_another_plan() "Choose another plan" | "Pilih paket lain";
}
