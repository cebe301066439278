//! Reading a manifest's XML: in the encoding it declares, without entities of its own.
use encoding_rs::{Encoding, UTF_8};
use roxmltree::{Document, Node};

use crate::Fault;

/// The text in the encoding that its mark or its declaration names; UTF-8 without.
pub(crate) fn text(bytes: &[u8]) -> String {
    let declared = || {
        let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(200)).unwrap_or_default());
        let rest = head.split_once("encoding")?.1;
        let name = rest.trim_start_matches([' ', '=']).split(['"', '\'']).nth(1)?;
        Encoding::for_label(name.as_bytes())
    };
    let encoding = Encoding::for_bom(bytes).map(|(e, _)| e).or_else(declared).unwrap_or(UTF_8);
    encoding.decode(bytes).0.into_owned()
}

/// The document; what is no XML says where. Declarations of types are not read: entities in them can grow without end, or
/// name files of this machine.
pub(crate) fn read(text: &str) -> Result<Document<'_>, Fault> {
    let plain = text.trim_start_matches('\u{feff}').trim_start();
    Document::parse(plain).map_err(|error| match error {
        roxmltree::Error::DtdDetected => Fault::Doctype,
        other => Fault::Unreadable(other.pos().to_string()),
    })
}

/// The children of that name, whatever their namespace: packages mix them freely.
pub(crate) fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'i>> + 'a {
    node.children().filter(move |c| c.is_element() && c.tag_name().name() == name)
}

/// The first child of that name.
pub(crate) fn child<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'a str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// An attribute by its local name.
pub(crate) fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attributes().find(|a| a.name() == name).map(|a| a.value().trim().to_owned())
}

/// All text in a node, in one line.
pub(crate) fn words(node: Node<'_, '_>) -> String {
    exact(node).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All text in a node as it stands, without its edges.
pub(crate) fn exact(node: Node<'_, '_>) -> String {
    let text: String = node.descendants().filter_map(|n| n.text().filter(|_| n.is_text())).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_in_the_encoding_it_declares() {
        let (bytes, ..) = encoding_rs::GBK.encode("<?xml version=\"1.0\" encoding=\"GB2312\"?><a>消防</a>");
        assert!(text(&bytes).contains("消防"));
        let (bytes, ..) = UTF_8.encode("\u{feff}<a>消防</a>");
        assert_eq!(words(read(&text(&bytes)).unwrap().root_element()), "消防");
    }

    #[test]
    fn entities_that_grow_are_not_read() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
        assert_eq!(read(bomb).unwrap_err(), Fault::Doctype);
        assert_eq!(read("<a>\n<b></a>").unwrap_err(), Fault::Unreadable("2:4".into()), "line and column");
    }
}
