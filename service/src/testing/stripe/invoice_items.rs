//! Lines that are added to a draft. What waits for the next invoice is made by prorations only.

use serde_json::{Value, json};

use super::{
    book::{Book, int},
    form::Params,
    refusal::{Answered, Refusal},
    shape::make,
};

pub(super) fn create(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let customer = params.need("customer")?;
    book.named("customer", customer, "customer")?;
    let invoice = book.named("invoice", params.need("invoice")?, "invoice")?.clone();
    if invoice["status"] != "draft" {
        return Err(Refusal::invalid("This invoice is no longer editable.").code("invoice_not_editable"));
    }
    if invoice["customer"] != customer {
        return Err(Refusal::invalid("The invoice belongs to another customer.").param("invoice"));
    }
    if invoice["currency"] != params.need("currency")? {
        return Err(Refusal::invalid("The invoice is in another currency.").param("currency"));
    }
    let amount = params.int("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    let fields = json!({
        "amount": amount,
        "currency": invoice["currency"],
        "customer": customer,
        "date": book.now,
        "description": params.text("description"),
        "discountable": params.flag("discountable")?.unwrap_or(amount > 0),
        "invoice": invoice["id"],
        "period": { "start": book.now, "end": book.now },
        "quantity": 1,
    });
    let mut item = make("invoiceitem", fields);
    params.merge_metadata(&mut item);
    let id = book.create("ii", item, "invoiceitem.created");
    add(book, &invoice, &id);
    Ok(book.get(&id).clone())
}

/// The item becomes a line of its invoice, behind the others. Coupons are not worked out again.
fn add(book: &mut Book, invoice: &Value, item: &str) {
    let item = book.get(item).clone();
    let id = invoice["id"].as_str().unwrap_or_default();
    let line = make(
        "line_item",
        json!({
            "id": format!("il_{}", item["id"].as_str().unwrap_or_default()),
            "amount": item["amount"],
            "currency": item["currency"],
            "description": item["description"],
            "discountable": item["discountable"],
            "invoice": id,
            "livemode": book.live,
            "metadata": item["metadata"],
            "parent": { "type": "invoice_item_details", "subscription_item_details": null, "invoice_item_details": {
                "invoice_item": item["id"], "proration": false, "proration_details": null, "subscription": null } },
            "period": item["period"],
            "quantity": 1,
            "subtotal": item["amount"],
        }),
    );
    book.change(id, "invoice.updated", |invoice| {
        for key in ["subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"] {
            invoice[key] = (int(invoice, key) + int(&item, "amount")).into();
        }
        let due = int(invoice, "total").max(0);
        invoice["amount_due"] = due.into();
        invoice["amount_remaining"] = due.into();
        if let Some(lines) = invoice["lines"]["data"].as_array_mut() {
            lines.push(line);
        }
    });
}
