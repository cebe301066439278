//! What a document needs to be trusted: every name prints, and the same input gives the same bytes.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use documents::{Identity, Manuscript, TypesetError, Typesetter};
use serde_json::json;

const TEMPLATE: &str = r#"
#set page(width: 90mm, height: 50mm, margin: 8mm)
#set text(lang: "zh", region: "cn", size: 16pt)
#let data = json("data.json")
姓名：#data.name
"#;

fn identity() -> Identity<'static> {
    Identity { ident: "43-2023-582301947-9/1", made_at: "2026-11-23T10:00:00+08:00".parse().unwrap() }
}

#[test]
fn rare_characters_of_names_are_printed() {
    let typesetter = Typesetter::load().unwrap();
    let name = "䶮㛃𠅤𪚥龘〇";
    assert!(typesetter.missing_glyphs(name).is_empty());
    let data = json!({ "name": name });
    let pdf =
        typesetter.pdf(&Manuscript { template: TEMPLATE, data: &data, files: &[] }, &identity()).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let marker = b"<pdfaid:part>2";
    assert!(pdf.windows(marker.len()).any(|window| window == marker));
}

#[test]
fn every_han_character_up_to_extension_f_has_a_font() {
    // GB 18030-2022 asks at level 2 for the characters of 通用规范汉字表, which lie in these blocks.
    for block in [0x3400..=0x4dbf, 0x4e00..=0x9fff, 0x20000..=0x2a6df, 0x2a700..=0x2b739, 0x2b740..=0x2b81d]
        .into_iter()
        .chain([0x2b820..=0x2cea1, 0x2ceb0..=0x2ebe0])
    {
        let all: String = block.filter_map(char::from_u32).collect();
        assert!(documents::missing_glyphs(&all).unwrap().is_empty());
    }
    assert_eq!(
        documents::missing_glyphs("李\u{e863}").unwrap(),
        ['\u{e863}'],
        "the private place of 䶮 in old systems"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let data = json!({ "name": "李䶮" });
    let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
    let first = Typesetter::load().unwrap().pdf(&manuscript, &identity()).unwrap();
    let second = Typesetter::load().unwrap().pdf(&manuscript, &identity()).unwrap();
    assert!(first == second);

    let other = Identity { ident: "another", ..identity() };
    assert!(first != Typesetter::load().unwrap().pdf(&manuscript, &other).unwrap());
}

#[test]
fn a_missing_glyph_is_named() {
    let typesetter = Typesetter::load().unwrap();
    // a private-use character that no font has, twice
    assert_eq!(typesetter.missing_glyphs("李\u{10FFF0}明\u{10FFF0}"), ['\u{10FFF0}']);
    let data = json!({ "name": "李\u{10FFF0}" });
    let result = typesetter.pdf(&Manuscript { template: TEMPLATE, data: &data, files: &[] }, &identity());
    assert!(matches!(result, Err(TypesetError::Template(_))), "a box is never printed");
}

#[test]
fn a_template_sees_its_own_files_only() {
    let typesetter = Typesetter::load().unwrap();
    let data = json!({});
    for template in [
        r#"#read("/etc/hostname")"#,
        r#"#read("../../etc/hostname")"#,
        r#"#import "@preview/cades:0.3.0": *"#,
        "#datetime.today()",
    ] {
        let result = typesetter.pdf(&Manuscript { template, data: &data, files: &[] }, &identity());
        assert!(matches!(result, Err(TypesetError::Template(_))), "{template}");
    }
}

#[test]
fn an_error_names_the_line() {
    let typesetter = Typesetter::load().unwrap();
    let data = json!({});
    let manuscript = Manuscript { template: "\n#json(\"data.json\").name", data: &data, files: &[] };
    let message = typesetter.pdf(&manuscript, &identity()).unwrap_err().to_string();
    assert!(message.contains("line 2"), "{message}");
}

#[test]
fn pages_are_drawn_as_png() {
    let typesetter = Typesetter::load().unwrap();
    let data = json!({ "name": "李明" });
    let pages = typesetter.png(&Manuscript { template: TEMPLATE, data: &data, files: &[] }, 2.0).unwrap();
    assert_eq!(pages.len(), 1);
    assert!(pages[0].starts_with(b"\x89PNG"));
}
