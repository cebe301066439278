//! Electronic invoices are read, not typed: the original fills the claim in, and a claim that says otherwise is refused.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::{pdf, upload_to},
    reimbursement::{claim, complete, send},
    world::on_both,
};

pub fn xml(number: &str, amount: &str, buyer: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><EInvoice><EInvoiceData><BuyerInformation><BuyerName>{buyer}</BuyerName>\
         <BuyerIdNum>12430000444877000A</BuyerIdNum></BuyerInformation><BasicInformation><TotalTax-includedAmount>{amount}\
         </TotalTax-includedAmount></BasicInformation></EInvoiceData><TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber>\
         <IssueTime>2023-11-02</IssueTime></TaxSupervisionInfo></EInvoice>"
    )
}

async fn read(client: &Client, text: &str) -> Answer {
    upload_to(client, "/api/v1/invoices", ("发票.xml", "text/xml"), text.as_bytes()).await
}

pub const NUMBER: &str = "24432000000012345678";

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_read_from_its_original_and_compared_with_the_claim() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let found = read(&teacher, &xml(NUMBER, "144.00", "湖南某学院")).await;
        assert_eq!(found.status, 201, "{:?}", found.json);
        let said = json!({"number": NUMBER, "date": "2023-11-02", "amount": "144.00", "buyer": "湖南某学院"});
        for field in ["number", "date", "amount", "buyer"] {
            assert_eq!(found.json[field], said[field], "{field}");
        }
        let mut own = said.clone();
        own["file"] = found.json["file"].clone();
        for (field, other) in
            [("number", "24432000000099999999"), ("date", "2023-11-03"), ("amount", "145.00")]
        {
            let mut wrong = own.clone();
            wrong[field] = json!(other);
            let refused = send(&teacher, claim(&[wrong])).await;
            let place = format!("invoices[0].{field}");
            assert_eq!((refused.status, refused.field_code(&place)), (422, "invoice_differs"), "{field}");
        }
        let sent = send(&teacher, claim(&[own])).await;
        assert_eq!(sent.status, 201, "{:?}", sent.json);
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let path = format!("/reimbursements/{}", sent.json["id"].as_str().unwrap());
        let page = head.call("GET", &path, Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("与电子原件一致"));
        let file = format!("/api/v1/files/{}", found.json["file"].as_str().unwrap());
        let voucher = head.call("GET", &file, Value::Null).await;
        assert_eq!(
            (voucher.status, voucher.headers["content-type"].to_str().unwrap()),
            (200, "application/xml")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_invoice_says_so_and_evidence_stays_what_people_can_look_at() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        for (text, code) in [
            (xml(NUMBER, "-144.00", "湖南某学院"), "invoice_red"),
            (xml(NUMBER, "144.00", ""), "invoice_unreadable"),
            ("<?xml version='1.0'?><a/>".to_owned(), "invoice_unreadable"),
        ] {
            let refused = read(&teacher, &text).await;
            assert_eq!((refused.status, refused.field_code("file")), (422, code), "{text}");
        }
        let scan = upload_to(&teacher, "/api/v1/invoices", ("a.pdf", "application/pdf"), &pdf(1)).await;
        assert_eq!((scan.status, &scan.json["certain"]), (201, &json!(false)), "kept for people to look at");
        let ofd = upload_to(&teacher, "/api/v1/invoices", ("a.ofd", ""), b"PK\x03\x04 broken").await;
        assert_eq!((ofd.status, ofd.field_code("file")), (422, "invoice_unreadable"));
        let invoice = xml(NUMBER, "144.00", "湖南某学院");
        let evidence = upload_to(&teacher, "/api/v1/files", ("a.xml", "text/xml"), invoice.as_bytes()).await;
        assert_eq!((evidence.status, evidence.field_code("file")), (422, "file_kind"));
    })
    .await;
}
