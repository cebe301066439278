//! The frame of every page: what the layout template needs.
use std::sync::Arc;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base::{Error, Problems, Role, person::Code};

use crate::{Assets, HeldRole, Reply, Site, Texts, Visitor};

/// How pages name and colour a site.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The site's name in the bar.
    pub name: String,
    /// The CSS class of its colours.
    pub theme: String,
}

/// An entry of the navigation: who sees it.
#[derive(Clone, Debug)]
pub struct MenuEntry {
    /// Where it leads.
    pub href: &'static str,
    /// The key of its label in the locale.
    pub label: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Whoever holds one of these sees it; empty means everyone signed in.
    pub roles: &'static [Role],
}

/// Entries of the administrators' list that belong together.
#[derive(Clone, Debug)]
pub struct MenuGroup {
    /// The key of its heading in the locale; empty for none.
    pub label: &'static str,
    /// Whether it stands open on every page, not only on its own.
    pub is_kept_open: bool,
    /// What it holds.
    pub entries: Vec<MenuEntry>,
}

/// The navigation: the administrators' list and the staff's four places.
#[derive(Clone, Debug, Default)]
pub struct Menu {
    /// For administrators, on the left.
    pub side: Vec<MenuGroup>,
    /// For staff, in the bar.
    pub bar: Vec<MenuEntry>,
    /// For staff, on the left from 992 px beside the bar: what the notice tells them to find there.
    pub aside: Vec<MenuEntry>,
    /// Roles that get the list on the left.
    pub side_roles: &'static [Role],
    /// Where the visitor's own account is looked after; empty where there is none.
    pub account: &'static str,
}

/// A navigation item as the template draws it.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Where it leads.
    pub href: String,
    /// Its label.
    pub label: String,
    /// Its icon.
    pub icon: String,
    /// Whether the page is under it.
    pub current: bool,
}

/// A group of the administrators' list as the template draws it.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// Its heading; empty for none.
    pub label: String,
    /// Whether it is drawn open.
    pub is_open: bool,
    /// What the visitor may see of it.
    pub items: Vec<NavItem>,
}

/// Up to so many entries a list is read at a glance: all its groups stand open.
const GLANCE: usize = 16;

/// A message above the page's content.
#[derive(Clone, Debug)]
pub struct Flash {
    /// `done`, `warning` or `error`.
    pub kind: &'static str,
    /// The sentence.
    pub text: String,
}

/// Who is shown in the bar.
#[derive(Clone, Debug)]
pub struct FrameVisitor {
    /// The name.
    pub name: String,
    /// The roles in words.
    pub role_label: String,
    /// The unit.
    pub unit: String,
    /// The roles to choose from; empty for who holds one only.
    pub roles: Vec<RoleChoice>,
    /// Whether all roles act together.
    pub is_all_roles: bool,
    /// Whether the privacy notice waits to be read.
    pub has_notice_to_read: bool,
}

/// A role in the header's list.
#[derive(Clone, Debug)]
pub struct RoleChoice {
    /// What names it.
    pub id: String,
    /// The role in words.
    pub label: String,
    /// Where it is held.
    pub unit: String,
    /// Whether the session acts in it.
    pub is_chosen: bool,
}

/// What the layout needs.
#[derive(Clone)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    /// The site's name.
    pub brand: String,
    /// The CSS class of the site's colours.
    pub theme: String,
    /// Who is signed in.
    pub visitor: Option<FrameVisitor>,
    /// The staff's places.
    pub nav: Vec<NavItem>,
    /// The administrators' list on the left; empty for staff.
    pub side: Vec<NavGroup>,
    /// What stands on the left for staff.
    pub aside: Vec<NavItem>,
    /// The token for forms.
    pub csrf: String,
    /// A message.
    pub flash: Option<Flash>,
    /// Where the name in the bar leads.
    pub account: &'static str,
    /// Whether to offer signing out.
    pub sign_out: bool,
    /// A line under the bar.
    pub notice: Option<String>,
    /// Whom to ask, in the foot of the page; empty for none.
    pub contact: String,
    assets: Assets,
    texts: Arc<Texts>,
}

impl Frame {
    /// A frame without a visitor.
    pub fn plain(site: &Site, title: &str) -> Self {
        Self {
            title: title.to_owned(),
            brand: site.brand.name.clone(),
            theme: site.brand.theme.clone(),
            visitor: None,
            nav: vec![],
            side: vec![],
            aside: vec![],
            csrf: String::new(),
            flash: None,
            account: "",
            sign_out: false,
            notice: site.settings.notice.clone(),
            contact: String::new(),
            assets: site.assets.clone(),
            texts: Arc::clone(&site.texts),
        }
    }

    /// A visitor's frame; `path` marks the current place of the navigation, `title` is a key of the locale.
    pub fn of(site: &Site, visitor: &Visitor, path: &str, title: &str) -> Self {
        let mut frame = Self::plain(site, &site.texts.get(title));
        let roles: Vec<Role> = visitor.actor.grants.iter().map(|g| g.role).collect();
        let role =
            roles.iter().find(|r| r.is_administrative()).or(roles.first()).copied().unwrap_or(Role::Staff);
        if visitor.required_actions.is_empty() {
            frame.navigate(site, visitor, path);
        }
        frame.visitor = Some(FrameVisitor {
            name: visitor.name.clone(),
            role_label: site.texts.get(&format!("role-{}", role.code())),
            unit: visitor.unit.clone(),
            roles: choices(site, visitor),
            is_all_roles: visitor.roles.iter().all(|r| !r.is_chosen),
            has_notice_to_read: visitor.duties.has_notice_to_read && visitor.required_actions.is_empty(),
        });
        frame.contact.clone_from(&visitor.contact);
        frame.csrf = visitor.csrf(site);
        frame.account = site.menu.account;
        frame.sign_out = true;
        frame
    }

    fn navigate(&mut self, site: &Site, visitor: &Visitor, path: &str) {
        let items = |entries: &[MenuEntry]| -> Vec<NavItem> {
            let shown = entries.iter().filter(|e| e.roles.is_empty() || visitor.actor.has(e.roles));
            let item = |e: &MenuEntry| NavItem {
                href: e.href.to_owned(),
                label: site.texts.get(e.label),
                icon: e.icon.to_owned(),
                current: is_under(path, e.href),
            };
            shown.map(item).collect()
        };
        if !visitor.actor.has(site.menu.side_roles) {
            self.nav = items(&site.menu.bar);
            self.aside = items(&site.menu.aside);
            return;
        }
        let groups = site.menu.side.iter().map(|group| (group, items(&group.entries)));
        let mut groups: Vec<_> = groups.filter(|(_, items)| !items.is_empty()).collect();
        mark_one(groups.iter_mut().flat_map(|(_, items)| items));
        let is_short = groups.iter().map(|(_, items)| items.len()).sum::<usize>() <= GLANCE;
        let drawn = groups.into_iter().map(|(group, items)| NavGroup {
            label: if group.label.is_empty() { String::new() } else { site.texts.get(group.label) },
            is_open: is_short || group.is_kept_open || items.iter().any(|item| item.current),
            items,
        });
        self.side = drawn.collect();
    }

    /// With a message.
    pub fn with_flash(mut self, kind: &'static str, text: String) -> Self {
        self.flash = Some(Flash { kind, text });
        self
    }

    /// With what was refused.
    pub fn with_refusal(self, problems: &Problems) -> Self {
        let text = self.texts.refusal(problems);
        self.with_flash("error", text)
    }

    /// The address of a built script or style.
    pub fn asset(&self, name: &str) -> &str {
        self.assets.path(name)
    }

    /// The word for a code, such as a level or a status: the text of `<kind>-<code>`.
    pub fn label(&self, kind: &str, code: &impl serde::Serialize) -> String {
        let code = serde_json::to_value(code).unwrap_or_default();
        self.texts.get(&format!("{kind}-{}", code.as_str().unwrap_or_default()))
    }

    /// As [`Self::word`]; the code itself where the locale has no word for it.
    pub fn word_or_code(&self, kind: &str, code: &str) -> String {
        let key = format!("{kind}-{}", code.replace('.', "-"));
        if self.texts.has(&key) { self.texts.get(&key) } else { code.to_owned() }
    }

    /// The code itself, as forms and addresses hold it.
    pub fn code(&self, code: &impl serde::Serialize) -> String {
        let code = serde_json::to_value(code).unwrap_or_default();
        code.as_str().unwrap_or_default().to_owned()
    }

    /// As [`Self::label`], for a code that is text already.
    pub fn word(&self, kind: &str, code: &str) -> String {
        self.texts.get(&format!("{kind}-{code}"))
    }

    /// A text of the locale.
    pub fn text(&self, key: &str) -> String {
        self.texts.get(key)
    }
}

/// The header's list of roles, for whoever holds several.
fn choices(site: &Site, visitor: &Visitor) -> Vec<RoleChoice> {
    if visitor.roles.len() < 2 || !visitor.required_actions.is_empty() {
        return vec![];
    }
    let choice = |r: &HeldRole| RoleChoice {
        id: r.id.clone(),
        label: site.texts.get(&format!("role-{}", r.role.code())),
        unit: r.unit.clone(),
        is_chosen: r.is_chosen,
    };
    visitor.roles.iter().map(choice).collect()
}

/// One place is the current one: the longest of those that a path lies under, the calendar rather than the year above it.
fn mark_one<'a>(items: impl Iterator<Item = &'a mut NavItem>) {
    let mut marked: Option<&mut NavItem> = None;
    for item in items.filter(|item| item.current) {
        let is_longer = marked.as_ref().is_none_or(|m| item.href.len() > m.href.len());
        let other = if is_longer { marked.replace(item) } else { Some(item) };
        if let Some(other) = other {
            other.current = false;
        }
    }
}

fn is_under(path: &str, href: &str) -> bool {
    if href == "/" { path == "/" } else { path == href || path.starts_with(&format!("{href}/")) }
}

/// Renders a page; personal data is never stored by caches.
pub fn html(page: &impl Template) -> Reply {
    let text = page.render().map_err(Error::internal)?;
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Html(text)).into_response())
}

/// Sends the browser on with GET.
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_nearest_place_is_the_current_one() {
        let item = |href: &str| NavItem {
            href: href.to_owned(),
            label: String::new(),
            icon: String::new(),
            current: is_under("/me/calendar", href),
        };
        let mut items: Vec<NavItem> = ["/", "/me", "/me/calendar", "/me/data"].map(item).into();
        mark_one(items.iter_mut());
        let current: Vec<&str> = items.iter().filter(|i| i.current).map(|i| i.href.as_str()).collect();
        assert_eq!(current, ["/me/calendar"]);
    }
}
