//! Workbooks as people send them, and files that try something (security item 38).
use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    file::{Format as Kind, read_now},
    sheet::Sheet,
};

fn refused(file: &[u8]) -> &'static str {
    read_now(file).expect_err("it is read").code()
}

/// What the sheet says of each person in these columns.
fn said<'a>(sheet: &'a Sheet, columns: &[&str]) -> Vec<(usize, Vec<Option<&'a str>>)> {
    sheet.rows().map(|r| (r.number, columns.iter().map(|c| r.text(c)).collect())).collect()
}

#[test]
fn a_workbook_is_read_as_people_send_it() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("填表说明").unwrap().write(0, 0, "请勿删除本页").unwrap();
    let page = book.add_worksheet();
    let (plain, day) = (Format::new(), Format::new().set_num_format("yyyy/m/d"));
    page.merge_range(0, 0, 1, 5, "某学院 2026 年教职工名册", &plain).unwrap();
    for (n, header) in
        ["所在部门", "姓 名", "公民身份号码（必填）", "参加工作时间", "备注", "职工号"].iter().enumerate()
    {
        page.write(2, u16::try_from(n).unwrap(), *header).unwrap();
    }
    page.merge_range(3, 0, 4, 0, "教务处", &plain).unwrap();
    let rows = [("张三", "４３０１０２１９８００５０１００１７"), ("李四", "430102198005010025")];
    for ((name, number), row) in rows.iter().zip(3..) {
        page.write(row, 1, *name).unwrap().write(row, 2, *number).unwrap();
    }
    page.write_with_format(3, 3, ExcelDateTime::from_ymd(2012, 9, 1).unwrap(), &day).unwrap();
    page.write(4, 3, 41153).unwrap().write(4, 5, 1002).unwrap();
    page.write(6, 1, "王五").unwrap().write(6, 2, 430_102_198_005_010_033_f64).unwrap();
    for row in 7..5000 {
        page.write_blank(row, 1, &Format::new().set_bold()).unwrap();
    }
    let sheet = read_now(&book.save_to_buffer().unwrap()).unwrap();
    let rows = said(&sheet, &["name", "department", "joined_on", "staff_no"]);
    assert_eq!(rows[0], (4, vec![Some("张三"), Some("教务处"), Some("2012-09-01"), None]));
    assert_eq!(rows[1], (5, vec![Some("李四"), Some("教务处"), Some("41153"), Some("1002")]));
    assert_eq!((rows[2].0, rows.len()), (7, 3), "blank rows with a style are no rows");
}

/// A workbook's container with these parts beside what every workbook has.
fn container(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    let options = SimpleFileOptions::default();
    let mut part = |name: &str, bytes: &[u8]| {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    };
    let rels = |inside: &str| {
        format!(
            "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inside}</Relationships>"
        )
    };
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    part(
        "_rels/.rels",
        rels(&format!(
            "<Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/>"
        ))
        .as_bytes(),
    );
    part(
        "xl/_rels/workbook.xml.rels",
        rels(&format!(
            "<Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
        ))
        .as_bytes(),
    );
    let book = format!(
        "<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{office}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    part("xl/workbook.xml", book.as_bytes());
    for (name, bytes) in parts {
        part(name, bytes);
    }
    zip.finish().unwrap().into_inner()
}

fn sheet_of(dimension: &str, rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <dimension ref=\"{dimension}\"/><sheetData>{rows}</sheetData></worksheet>"
    )
}

fn text_row(row: usize, cells: &[&str]) -> String {
    let cell = |(n, text): (usize, &&str)| {
        let column = char::from(b'A' + u8::try_from(n).unwrap());
        format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    format!("<row r=\"{row}\">{}</row>", cells.iter().enumerate().map(cell).collect::<String>())
}

const PART: &str = "xl/worksheets/sheet1.xml";

#[test]
fn a_stated_dimension_of_a_billion_rows_costs_nothing() {
    let rows = text_row(1, &["姓名", "身份证号"]) + &text_row(1_048_576, &["张三", "1"]);
    let file = container(&[(PART, sheet_of("A1:XFD1048576", &rows).as_bytes())]);
    let sheet = read_now(&file).unwrap();
    assert_eq!(said(&sheet, &["name"]), [(1_048_576, vec![Some("张三")])]);
}

#[test]
fn too_many_rows_columns_and_texts_are_refused() {
    let head = text_row(1, &["姓名", "身份证号"]);
    let many: String = (2..50_100).map(|n| text_row(n, &["a", "1"])).collect();
    let file = container(&[(PART, sheet_of("A1", &(head.clone() + &many)).as_bytes())]);
    assert_eq!(refused(&file), "roster_too_large");
    let wide = "<row r=\"2\"><c r=\"CW2\"><v>1</v></c></row>";
    let file = container(&[(PART, sheet_of("A1", &(head + wide)).as_bytes())]);
    assert_eq!(refused(&file), "roster_too_large");
}

#[test]
fn item_38_a_bomb_is_refused_whatever_its_headers_say() {
    let zeros = vec![b' '; 120 * 1024 * 1024];
    let bomb = container(&[(PART, &zeros)]);
    assert!(bomb.len() < 1024 * 1024, "{} bytes", bomb.len());
    assert_eq!(refused(&bomb), "roster_dangerous");
    // The same with headers that state one byte.
    let (mut lying, truth) = (bomb, u32::try_from(zeros.len()).unwrap().to_le_bytes());
    while let Some(at) = lying.windows(4).position(|w| w == truth) {
        lying[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    assert!(matches!(refused(&lying), "roster_dangerous" | "roster_unreadable"));
    let many: Vec<String> = (0..1000).map(|n| format!("xl/x{n}.xml")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), &b"<x/>"[..])).collect();
    assert_eq!(refused(&container(&many)), "roster_dangerous");
}

#[test]
fn entities_macros_links_and_nested_archives_are_refused() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"&#34;>\"><!ENTITY b \"&a;&a;&a;&a;\">\
                <!ENTITY c '&b;&b;&b;&b;'>]><sst><si><t>&c;</t></si></sst>";
    let sheet = sheet_of("A1", &text_row(1, &["姓名", "身份证号"]));
    let with = |name: &str, bytes: &[u8]| container(&[(PART, sheet.as_bytes()), (name, bytes)]);
    assert_eq!(refused(&with("xl/sharedStrings.xml", bomb.as_bytes())), "roster_dangerous");
    // Where one piece of the reader ends and the next begins.
    for shift in 0..12 {
        let late = format!("<!--{}-->{bomb}", " ".repeat(64 * 1024 - 64 - shift));
        assert_eq!(refused(&with("xl/sharedStrings.xml", late.as_bytes())), "roster_dangerous", "{shift}");
    }
    let wide: Vec<u8> = format!("\u{feff}{bomb}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&with("xl/sharedStrings.xml", &wide)), "roster_dangerous");
    let parts: [(&str, &[u8]); 4] = [
        ("xl/vbaProject.bin", b"x"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>"),
        ("xl/embeddings/a.bin", b"x"),
        ("xl/media/image1.png", b"PK\x03\x04"),
    ];
    for (name, bytes) in parts {
        assert_eq!(refused(&with(name, bytes)), "roster_dangerous", "{name}");
    }
}

#[test]
fn a_file_is_what_its_content_is() {
    assert_eq!(refused(b"%PDF-1.7"), "roster_unreadable");
    assert_eq!(refused(&container(&[])), "roster_unreadable");
    let xlsx = Kind::of(b"PK\x03\x04").unwrap();
    assert!(
        xlsx.fits_name("a.XLSX")
            && !xlsx.fits_name("a.csv")
            && !xlsx.fits_name("a.xlsm")
            && xlsx.fits_name("a")
    );
    assert!(!xlsx.fits_type("text/csv; charset=utf-8") && xlsx.fits_type("application/octet-stream"));
    assert!(Kind::Csv.fits_type("application/vnd.ms-excel") && Kind::Csv.fits_name("b.csv"));
}
