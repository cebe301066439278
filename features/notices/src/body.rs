//! The text of a notice: of what an editor sends, only harmless elements stay.
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// HTML that can be shown as it is; made by [`clean`], and read back from what was cleaned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body(String);

const TAGS: [&str; 22] = [
    "p",
    "br",
    "h2",
    "h3",
    "h4",
    "strong",
    "b",
    "em",
    "u",
    "s",
    "ul",
    "ol",
    "li",
    "blockquote",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
];

impl Body {
    /// A text that [`clean`] made before.
    pub(crate) fn kept(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    pub(crate) fn html(&self) -> &str {
        &self.0
    }

    /// Whether nothing is said.
    pub(crate) fn is_empty(&self) -> bool {
        ammonia::Builder::empty().clean(&self.0).to_string().trim().is_empty()
    }
}

/// Links within this site begin with one slash; two would lead elsewhere.
fn on_this_site(url: &str) -> Option<Cow<'_, str>> {
    let is_own = url.starts_with('/') && !url.starts_with("//") && !url.contains('\\');
    is_own.then_some(Cow::Borrowed(url))
}

/// Keeps the harmless part of HTML; plain text becomes paragraphs.
pub(crate) fn clean(written: &str) -> Body {
    if !written.contains('<') {
        let lines = written.lines().map(str::trim).filter(|l| !l.is_empty());
        let paragraph = |line: &str| format!("<p>{}</p>", ammonia::clean_text(line));
        return Body(lines.map(paragraph).collect());
    }
    let attributes = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("th", HashSet::from(["colspan", "rowspan"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
    ]);
    let html = ammonia::Builder::empty()
        .tags(HashSet::from(TAGS))
        .tag_attributes(attributes)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Custom(Box::new(on_this_site)))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(written)
        .to_string();
    Body(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_taken_out_and_what_says_something_stays() {
        let written = "<h2 onclick=\"x()\">一、培训对象</h2><p style=\"color:red\">在岗<script>alert(1)</script>人员\
            <img src=x onerror=alert(1)></p><a href=\"javascript:alert(1)\">甲</a><a href=\"https://a.cn/\">乙</a>\
            <a href=\"//b.cn/\">丙</a><a href=\"/standard\">丁</a><iframe src=\"//b\"></iframe><table><tr><td colspan=\"2\">合计</td></tr></table>";
        let html = clean(written).html().to_owned();
        for gone in ["onclick", "style", "script", "alert", "img", "javascript", "iframe", "b.cn"] {
            assert!(!html.contains(gone), "{gone}: {html}");
        }
        for kept in [
            "<h2>一、培训对象</h2>",
            "<p>在岗人员</p>",
            "href=\"/standard\"",
            "href=\"https://a.cn/\"",
            "noopener",
            "<td colspan=\"2\">合计</td>",
        ] {
            assert!(html.contains(kept), "{kept}: {html}");
        }
        assert!(clean("<p> </p><script>1</script>").is_empty());
    }

    #[test]
    fn plain_text_becomes_paragraphs() {
        assert_eq!(clean("各部门:\n\n  请 & 完成\n").html(), "<p>各部门:</p><p>请&#32;&amp;&#32;完成</p>");
        assert_eq!(clean(clean("甲 乙").html()).html(), "<p>甲 乙</p>");
    }
}
