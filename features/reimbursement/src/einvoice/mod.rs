//! Electronic invoices (数电票) read from their originals: XML, OFD (GB/T 33190) with the XML inside, and PDF by its
//! labels. Pure. What is read is what the issuer wrote; whether the tax authority issued it is for its own verification
//! service to say.
mod capitals;
mod fields;
mod labels;
mod ofd;
mod pdf;

use base::{Day, Fen};

/// What an invoice's original says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Original {
    /// The twenty digits of a 数电票; of an older one its code and number together.
    pub number: String,
    pub day: Day,
    /// 价税合计
    pub amount: Fen,
    pub buyer: String,
    /// 购买方统一社会信用代码/纳税人识别号; empty for a person.
    pub buyer_tax_number: String,
}

/// What can be made out of a PDF that does not read for sure: to be filled in and compared by a person, fact by fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guess {
    pub number: Option<String>,
    pub day: Option<Day>,
    pub amount: Option<Fen>,
    pub buyer: Option<String>,
}

/// Why an original can't be used; each is the code of a field's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is no invoice, or lacks one of the facts.
    Unreadable,
    /// It takes another invoice back (红字发票).
    Red,
    /// A PDF that cannot be read for sure: a person has to look.
    Uncertain,
    /// Something was added to a signed PDF.
    Edited,
}

impl Unusable {
    /// The code of its text.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "invoice_unreadable",
            Self::Red => "invoice_red",
            Self::Uncertain => "invoice_uncertain",
            Self::Edited => "invoice_edited",
        }
    }
}

/// Reads an XML original.
pub(crate) fn read_xml(bytes: &[u8]) -> Result<Original, Unusable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unusable::Unreadable)?;
    fields::read(text.trim_start_matches('\u{feff}'))
}

/// Reads an OFD original.
pub(crate) fn read_ofd(bytes: &[u8]) -> Result<Original, Unusable> {
    ofd::read(bytes)
}

/// Reads a PDF original.
pub(crate) fn read_pdf(bytes: &[u8]) -> Result<Original, Unusable> {
    pdf::read(bytes)
}

/// What can be made out of a PDF that does not read for sure.
pub(crate) fn guess_pdf(bytes: &[u8]) -> Guess {
    pdf::guess(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use proptest::prelude::*;

    use super::*;

    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><EInvoice><Header><EIid>24432000000012345678</EIid></Header>
        <EInvoiceData><SellerInformation><SellerName>湖南开放大学</SellerName></SellerInformation><BuyerInformation>
        <BuyerName>湖南某学院</BuyerName><BuyerIdNum>12430000444877000A</BuyerIdNum></BuyerInformation><BasicInformation>
        <TotalAmWithoutTax>139.81</TotalAmWithoutTax><TotalTax-includedAmount>144.00</TotalTax-includedAmount></BasicInformation>
        </EInvoiceData><TaxSupervisionInfo><InvoiceNumber>24432000000012345678</InvoiceNumber><IssueTime>2023-11-02 09:30:00</IssueTime>
        </TaxSupervisionInfo></EInvoice>"#;

    fn original() -> Original {
        Original {
            number: "24432000000012345678".into(),
            day: "2023-11-02".parse().unwrap(),
            amount: Fen::new(14_400),
            buyer: "湖南某学院".into(),
            buyer_tax_number: "12430000444877000A".into(),
        }
    }

    fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
        for (name, text) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn an_xml_original_is_read() {
        assert_eq!(read_xml(XML.as_bytes()), Ok(original()));
        assert_eq!(read_xml(format!("\u{feff}{XML}").as_bytes()), Ok(original()));
        let red = XML.replace(">144.00<", ">-144.00<");
        assert_eq!(read_xml(red.as_bytes()), Err(Unusable::Red));
        for broken in [
            XML.replace("InvoiceNumber", "Other").replace("EIid", "Other"),
            XML.replace("2023-11-02", "2023-13-02"),
            XML.replace(">144.00<", ">a lot<"),
            XML.replace("BuyerName", "Other"),
            XML.replace("</EInvoice>", ""),
            "<html></html>".to_owned(),
        ] {
            assert_eq!(read_xml(broken.as_bytes()), Err(Unusable::Unreadable), "{broken}");
        }
    }

    #[test]
    fn an_xml_that_declares_entities_is_refused() {
        let laughs = XML.replace(
            "<EInvoice>",
            "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><EInvoice><x>&b;</x>",
        );
        assert_eq!(read_xml(laughs.as_bytes()), Err(Unusable::Unreadable));
    }

    #[test]
    fn an_ofd_original_is_read_in_each_of_its_forms() {
        let attached = zipped(&[("OFD.xml", "<ofd/>"), ("Doc_0/Attachs/24432000000012345678.xml", XML)]);
        assert_eq!(read_ofd(&attached), Ok(original()));
        let older = "<fp:eInvoice xmlns:fp=\"http://www.edrm.org.cn/schema/e-invoice/2019\"><fp:InvoiceCode>043002300111</fp:InvoiceCode>\
            <fp:InvoiceNo>12345678</fp:InvoiceNo><fp:IssueDate>2023年11月02日</fp:IssueDate><fp:Buyer><fp:BuyerName>湖南某学院</fp:BuyerName>\
            <fp:BuyerTaxID>12430000444877000A</fp:BuyerTaxID></fp:Buyer><fp:TaxInclusiveTotalAmount>144.00</fp:TaxInclusiveTotalAmount>\
            </fp:eInvoice>";
        let older = zipped(&[("Doc_0/Attachs/original_invoice.xml", older)]);
        assert_eq!(read_ofd(&older), Ok(Original { number: "04300230011112345678".into(), ..original() }));
        assert_eq!(read_ofd(&zipped(&[("OFD.xml", "<ofd/>")])), Err(Unusable::Unreadable));
        let long = format!("<EInvoice>{}</EInvoice>", " ".repeat(3 * 1024 * 1024));
        assert_eq!(
            read_ofd(&zipped(&[("a.xml", &long)])),
            Err(Unusable::Unreadable),
            "a bomb is not unpacked"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0_usize..600, put in any::<u8>()) {
            let _ = read_xml(&bytes);
            let _ = read_ofd(&bytes);
            let _ = read_pdf(&[b"%PDF-1.7\n", &bytes[..]].concat());
            let _ = guess_pdf(&[b"%PDF-1.7\n", &bytes[..]].concat());
            let mut ofd = zipped(&[("a.xml", XML)]);
            if let Some(byte) = ofd.get_mut(at) {
                *byte = put;
            }
            let _ = read_ofd(&ofd);
        }
    }
}
