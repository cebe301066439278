//! `imsmanifest.xml` of SCORM 1.2 and 2004: the default organization's items in order, each with its resource's file.
use std::collections::HashMap;

use roxmltree::{Document, Node};

use crate::{
    Fault, Item, Package, Standard,
    xml::{attribute, child, children, words},
};

/// Organizations are nested no deeper than this by any tool.
const DEEPEST: usize = 32;

pub(crate) fn package(document: &Document<'_>) -> Result<Package, Fault> {
    let root = document.root_element();
    if root.tag_name().name() != "manifest" {
        return Err(Fault::Foreign(root.tag_name().name().to_owned()));
    }
    let organization = organization(root)?;
    let resources = resources(root);
    let mut items = vec![];
    walk(organization, &resources, &mut items, DEEPEST)?;
    let title = child(organization, "title").map(words).filter(|t| !t.is_empty());
    let title = title.or_else(|| items.first().map(|i| i.title.clone())).unwrap_or_default();
    Ok(Package { standard: standard(root), title, id: String::new(), items })
}

/// The version that the metadata names; without one, the namespaces tell.
fn standard(root: Node<'_, '_>) -> Standard {
    let version =
        child(root, "metadata").and_then(|m| child(m, "schemaversion")).map(words).unwrap_or_default();
    let is_2004 = version.contains("2004") || version.starts_with("CAM") || version == "1.3";
    let is_named = !version.is_empty();
    let by_namespace = root.namespaces().any(|n| n.uri().contains("adlcp_v1p3"));
    if is_2004 || (!is_named && by_namespace) { Standard::Scorm2004 } else { Standard::Scorm12 }
}

/// The organization that is taught: the default one, else the first.
fn organization<'a, 'i: 'a>(root: Node<'a, 'i>) -> Result<Node<'a, 'i>, Fault> {
    let all = child(root, "organizations").ok_or(Fault::NoOrganization)?;
    let wanted = attribute(all, "default").unwrap_or_default();
    let named =
        children(all, "organization").find(|o| attribute(*o, "identifier").is_some_and(|i| i == wanted));
    let first = all.children().find(|c| c.is_element() && c.tag_name().name() == "organization");
    named.or(first).ok_or(Fault::NoOrganization)
}

/// Each resource's file by its identifier.
fn resources(root: Node<'_, '_>) -> HashMap<String, String> {
    let Some(all) = child(root, "resources") else { return HashMap::new() };
    let outer = format!("{}{}", base(root), base(all));
    let one = |r: Node<'_, '_>| {
        let href = attribute(r, "href").filter(|h| !h.is_empty())?;
        Some((attribute(r, "identifier")?, format!("{outer}{}{href}", base(r))))
    };
    children(all, "resource").filter_map(one).collect()
}

/// The folder that names below a node begin with.
fn base(node: Node<'_, '_>) -> String {
    attribute(node, "base").unwrap_or_default()
}

fn walk(
    parent: Node<'_, '_>,
    resources: &HashMap<String, String>,
    items: &mut Vec<Item>,
    deeper: usize,
) -> Result<(), Fault> {
    if deeper == 0 {
        return Err(Fault::TooLarge);
    }
    for node in children(parent, "item") {
        if let Some(resource) = attribute(node, "identifierref").filter(|r| !r.is_empty()) {
            let href = resources.get(&resource).ok_or_else(|| Fault::ResourceMissing(resource.clone()))?;
            items.push(item(node, href, items.len()));
        }
        walk(node, resources, items, deeper - 1)?;
    }
    Ok(())
}

fn item(node: Node<'_, '_>, href: &str, place: usize) -> Item {
    let text = |name| child(node, name).map(words).unwrap_or_default();
    Item {
        id: attribute(node, "identifier").unwrap_or_else(|| format!("item-{place}")),
        title: text("title"),
        href: with_parameters(href, &attribute(node, "parameters").unwrap_or_default()),
        data: [text("datafromlms"), text("dataFromLMS")].concat(),
        mastery: text("masteryscore"),
        move_on: String::new(),
    }
}

/// How parameters are appended (SCORM 2004 CAM 3.4.1.10, the same in practice for 1.2).
fn with_parameters(href: &str, parameters: &str) -> String {
    let plain = parameters.trim_start_matches(['?', '&']);
    if plain.is_empty() {
        href.to_owned()
    } else if plain.starts_with('#') {
        if href.contains('#') { href.to_owned() } else { format!("{href}{plain}") }
    } else if href.contains('?') {
        format!("{href}&{plain}")
    } else {
        format!("{href}?{plain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Package, Fault> {
        package(&crate::xml::read(text)?)
    }

    #[test]
    fn items_come_in_order_with_base_and_parameters() {
        let text = r#"<manifest xml:base="c/"><metadata><schemaversion>2004 4th Edition</schemaversion></metadata>
            <organizations default="o2"><organization identifier="o1"/><organization identifier="o2"><title>课</title>
            <item identifier="g"><title>组</title><item identifier="a" identifierref="r" parameters="?x=1"><title>一</title></item></item>
            </organization></organizations>
            <resources><resource identifier="r" href="a.html?y=2"/></resources></manifest>"#;
        let package = read(text).unwrap();
        assert_eq!((package.standard, package.title.as_str()), (Standard::Scorm2004, "课"));
        assert_eq!(package.items[0].href, "c/a.html?y=2&x=1");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |inner: &str| read(&format!("<manifest>{inner}</manifest>"));
        assert_eq!(read("<html/>"), Err(Fault::Foreign("html".into())));
        assert_eq!(with("<organizations/>"), Err(Fault::NoOrganization));
        let dangling =
            "<organizations><organization><item identifierref=\"r\"/></organization></organizations>";
        assert_eq!(with(dangling), Err(Fault::ResourceMissing("r".into())));
    }
}
