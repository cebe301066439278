//! `cmi5.xml`: the course structure's assignable units in order.
use roxmltree::{Document, Node};

use crate::{
    Fault, Goals, Item, Package, Standard,
    package::any_window,
    xml::{attribute, child, exact, words},
};

pub(crate) fn package(document: &Document<'_>) -> Result<Package, Fault> {
    let root = document.root_element();
    if root.tag_name().name() != "courseStructure" {
        return Err(Fault::Foreign(root.tag_name().name().to_owned()));
    }
    let course = child(root, "course").ok_or(Fault::NothingToOpen)?;
    let units = root.descendants().filter(|n| n.is_element() && n.tag_name().name() == "au");
    let items = units.map(unit).collect();
    let id = attribute(course, "id").unwrap_or_default();
    Ok(Package { standard: Standard::Cmi5, title: title(course), id, sequenced: false, items })
}

fn unit(node: Node<'_, '_>) -> Item {
    let text = |name| child(node, name).map(words).unwrap_or_default();
    let exact = |name| child(node, name).map(exact).unwrap_or_default();
    Item {
        id: attribute(node, "id").unwrap_or_default(),
        title: title(node),
        href: text("url"),
        data: exact("launchParameters"),
        mastery: attribute(node, "masteryScore").unwrap_or_default(),
        move_on: attribute(node, "moveOn").unwrap_or_else(|| "NotApplicable".into()),
        launch_method: attribute(node, "launchMethod").unwrap_or_else(any_window),
        entitlement: exact("entitlementKey"),
        goals: Goals::default(),
    }
}

/// The Chinese title where there is one, else the first.
fn title(node: Node<'_, '_>) -> String {
    let Some(title) = child(node, "title") else { return String::new() };
    let strings: Vec<Node<'_, '_>> = title.children().filter(Node::is_element).collect();
    let is_chinese = |n: &&Node<'_, '_>| attribute(**n, "lang").is_some_and(|l| l.starts_with("zh"));
    strings.iter().find(is_chinese).or(strings.first()).map_or_else(|| words(title), |n| words(*n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_blocks_are_found_and_chinese_titles_preferred() {
        let text = r#"<courseStructure><course id="c"><title><langstring lang="en">Course</langstring></title></course>
            <block id="b"><title/><au id="u" masteryScore="0.8" moveOn="Passed"><title><langstring lang="en">Unit</langstring>
            <langstring lang="zh-CN">单元</langstring></title><url>a/index.html</url><launchParameters> {"a":
 1}</launchParameters>
            <entitlementKey> k-1 </entitlementKey></au></block></courseStructure>"#;
        let package = package(&crate::xml::read(text).unwrap()).unwrap();
        let unit = &package.items[0];
        assert_eq!(
            (package.title.as_str(), unit.title.as_str(), unit.href.as_str()),
            ("Course", "单元", "a/index.html")
        );
        assert_eq!((unit.mastery.as_str(), unit.move_on.as_str()), ("0.8", "Passed"));
        assert_eq!((unit.data.as_str(), unit.entitlement.as_str()), ("{\"a\":\n 1}", "k-1"));
        assert_eq!(unit.launch_method, "AnyWindow");
    }
}
