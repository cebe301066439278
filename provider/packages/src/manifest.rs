//! `imsmanifest.xml` of SCORM 1.2 and 2004: the default organization's items in order, each with its resource's file, those of
//! manifests inside it included.
use std::collections::HashMap;

use roxmltree::{Document, Node};

use crate::{
    Fault, Goals, Item, Package, Standard,
    package::any_window,
    xml::{attribute, child, children, exact, words},
};

/// Organizations are nested no deeper than this by any tool.
const DEEPEST: usize = 32;

pub(crate) fn package(document: &Document<'_>) -> Result<Package, Fault> {
    let root = document.root_element();
    if root.tag_name().name() != "manifest" {
        return Err(Fault::Foreign(root.tag_name().name().to_owned()));
    }
    let organization = organization(root)?;
    let mut items = vec![];
    walk(organization, &Shelf::of(root, ""), &mut items, DEEPEST)?;
    let title = child(organization, "title").map(words).filter(|t| !t.is_empty());
    let title = title.or_else(|| items.first().map(|i| i.title.clone())).unwrap_or_default();
    let standard = standard(root);
    let sequenced = standard == Standard::Scorm2004 && items.len() > 1 && is_sequenced(root);
    Ok(Package { standard, title, id: String::new(), sequenced, items })
}

/// Whether the manifest says in which order its parts are opened (SN 3). Where a manifest lies inside it, the parts of two trees
/// are listed, and no order is followed.
fn is_sequenced(root: Node<'_, '_>) -> bool {
    const RULES: [&str; 6] = [
        "controlMode",
        "sequencingRules",
        "limitConditions",
        "rollupRules",
        "constrainedChoiceConsiderations",
        "randomizationControls",
    ];
    let all = |name: &'static str| {
        root.descendants().filter(move |n| n.is_element() && n.tag_name().name() == name)
    };
    let is_named = all("item").all(|i| attribute(i, "identifier").is_some_and(|id| !id.is_empty()));
    is_named && all("manifest").count() == 1 && RULES.iter().any(|rule| all(rule).next().is_some())
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

/// What the items of a manifest point to.
struct Shelf<'a, 'i> {
    /// Each resource's file by its identifier.
    resources: HashMap<String, String>,
    /// The folder that names in it begin with.
    folder: String,
    /// Manifests inside it, by their identifiers: an item stands for the whole of one.
    inner: HashMap<String, Node<'a, 'i>>,
}

impl<'a, 'i: 'a> Shelf<'a, 'i> {
    fn of(manifest: Node<'a, 'i>, outer: &str) -> Self {
        let folder = format!("{outer}{}", base(manifest));
        let inner =
            children(manifest, "manifest").filter_map(|m| Some((attribute(m, "identifier")?, m))).collect();
        Self { resources: resources(manifest, &folder), folder, inner }
    }
}

/// Each resource's file by its identifier.
fn resources(manifest: Node<'_, '_>, folder: &str) -> HashMap<String, String> {
    let Some(all) = child(manifest, "resources") else { return HashMap::new() };
    let outer = format!("{folder}{}", base(all));
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
    shelf: &Shelf<'_, '_>,
    items: &mut Vec<Item>,
    deeper: usize,
) -> Result<(), Fault> {
    if deeper == 0 {
        return Err(Fault::TooLarge);
    }
    for node in children(parent, "item") {
        if let Some(resource) = attribute(node, "identifierref").filter(|r| !r.is_empty()) {
            if let Some(href) = shelf.resources.get(&resource) {
                items.push(item(node, href, items.len()));
            } else if let Some(inner) = shelf.inner.get(&resource) {
                walk(organization(*inner)?, &Shelf::of(*inner, &shelf.folder), items, deeper - 1)?;
            } else {
                return Err(Fault::ResourceMissing(resource));
            }
        }
        walk(node, shelf, items, deeper - 1)?;
    }
    Ok(())
}

fn item(node: Node<'_, '_>, href: &str, place: usize) -> Item {
    let text = |name| child(node, name).map(words).unwrap_or_default();
    Item {
        id: attribute(node, "identifier").unwrap_or_else(|| format!("item-{place}")),
        title: Some(text("title")).filter(|t| !t.is_empty()).unwrap_or_else(|| stem(href).to_owned()),
        href: with_parameters(href, &attribute(node, "parameters").unwrap_or_default()),
        data: ["datafromlms", "dataFromLMS"].iter().filter_map(|name| child(node, name).map(exact)).collect(),
        mastery: [text("masteryscore"), of_primary(node, "minNormalizedMeasure")].concat(),
        move_on: String::new(),
        launch_method: any_window(),
        entitlement: String::new(),
        goals: goals(node),
    }
}

/// What an item without a title is called by: its file without folders and ending.
fn stem(href: &str) -> &str {
    let file = href.split(['?', '#']).next().unwrap_or_default();
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What SCORM 2004 tells a part of its goals (CAM 5.1, 3.4.1.9).
fn goals(item: Node<'_, '_>) -> Goals {
    let threshold = child(item, "completionThreshold");
    let written = threshold.and_then(|t| attribute(t, "minProgressMeasure")).or(threshold.map(words));
    let limits = child(item, "sequencing").and_then(|s| child(s, "limitConditions"));
    let objective = |o: Node<'_, '_>| attribute(o, "objectiveID").filter(|id| !id.is_empty());
    let all = child(item, "sequencing").and_then(|s| child(s, "objectives"));
    Goals {
        completion: written.unwrap_or_default(),
        longest: limits.and_then(|l| attribute(l, "attemptAbsoluteDurationLimit")).unwrap_or_default(),
        at_limit: child(item, "timeLimitAction").map(words).unwrap_or_default(),
        objectives: all
            .into_iter()
            .flat_map(|all| all.children().filter(Node::is_element).filter_map(objective))
            .collect(),
    }
}

/// What the objective says that decides whether an item is passed.
fn of_primary(item: Node<'_, '_>, name: &'static str) -> String {
    let objectives = child(item, "sequencing").and_then(|s| child(s, "objectives"));
    let primary = objectives.and_then(|o| child(o, "primaryObjective"));
    primary.and_then(|p| child(p, name)).map(words).unwrap_or_default()
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
    fn goals_of_scorm_2004_are_read_and_an_item_without_a_title_has_its_files_name() {
        let text = r#"<manifest><organizations><organization><item identifier="a" identifierref="r">
            <timeLimitAction>continue,message</timeLimitAction><completionThreshold>0.8</completionThreshold>
            <sequencing><limitConditions attemptAbsoluteDurationLimit="PT30M"/><objectives><primaryObjective objectiveID="p">
            <minNormalizedMeasure>0.7</minNormalizedMeasure></primaryObjective><objective objectiveID="o"/></objectives></sequencing>
            </item></organization></organizations><resources><resource identifier="r" href="c/fire.html?x=1"/></resources></manifest>"#;
        let item = read(text).unwrap().items.remove(0);
        assert_eq!((item.title.as_str(), item.mastery.as_str()), ("fire", "0.7"));
        let goals = item.goals;
        assert_eq!((goals.completion.as_str(), goals.longest.as_str()), ("0.8", "PT30M"));
        assert_eq!(
            (goals.at_limit.as_str(), goals.objectives.as_slice()),
            ("continue,message", &["p".into(), "o".into()][..])
        );
    }

    #[test]
    fn an_item_may_stand_for_a_manifest_inside() {
        let inner = |link: &str| {
            format!(
                r#"<manifest xml:base="all/"><organizations><organization><item identifier="g" identifierref="sub"/></organization></organizations>
            <manifest identifier="sub" xml:base="one/"><organizations><organization><item identifier="i" identifierref="{link}"><title>内</title></item>
            </organization></organizations><resources><resource identifier="s" href="a.html"/></resources></manifest></manifest>"#
            )
        };
        assert_eq!(read(&inner("s")).unwrap().items[0].href, "all/one/a.html");
        assert_eq!(read(&inner("gone")), Err(Fault::ResourceMissing("gone".into())));
    }

    #[test]
    fn an_order_is_followed_where_one_is_written_for_several_parts() {
        let of = |rules: &str, second: &str| {
            let text = format!(
                r#"<manifest><metadata><schemaversion>2004 3rd Edition</schemaversion></metadata><organizations><organization>
                <item identifier="a" identifierref="r"/>{second}<sequencing>{rules}</sequencing></organization></organizations>
                <resources><resource identifier="r" href="a.html"/></resources></manifest>"#
            );
            read(&text).unwrap().sequenced
        };
        let second = r#"<item identifier="b" identifierref="r"/>"#;
        assert!(of(r#"<controlMode choice="false" flow="true"/>"#, second));
        assert!(!of(r#"<controlMode choice="false" flow="true"/>"#, ""), "one part has no order");
        assert!(!of("<objectives/>", second));
        assert!(!of("<controlMode/>", r#"<item identifierref="r"/>"#), "a part that nothing can name");
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
