//! What a feature needs to face people and programs: the site's state, routes with their access rules, visitors,
//! forms, failures, frames of pages, texts. Knows no feature.
mod answers;
mod assets;
mod body;
mod browser;
mod caller;
mod csrf;
pub mod dates;
mod failure;
mod frame;
mod guard;
mod headers;
mod limits;
mod list;
mod origins;
mod remembered;
mod rest;
mod routes;
mod state;
mod texts;
mod visitor;
mod years;

pub use assets::Assets;
pub use body::{Form, Json, OneFile, Upload, UploadedFile, read_body, read_json};
pub use browser::{
    brief_cookie, encoded, local_path, signed_out, with_brief_cookie, with_own_cookie, with_session_cookie,
};
pub use caller::{Acting, Caller, caller};
pub use failure::{Failure, Reply};
pub use frame::{Brand, Flash, Frame, Menu, MenuEntry, MenuGroup, NavGroup, NavItem, html, see_other};
pub use headers::POLICY;
pub use limits::{Asker, Class, Limits};
pub use list::{Page, Paging};
pub use remembered::Remembered;
pub use routes::{Access, Routes, Rule};
pub use state::{Parts, Settings, Site};
pub use texts::Texts;
pub use visitor::{Duties, Endings, FoundSession, HeldRole, Lookup, RequiredAction, Sessions, Via, Visitor};
pub use years::Years;
