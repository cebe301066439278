//! What a package is once it was understood, and why one was not.
use serde::{Deserialize, Serialize};

/// The rules a package follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standard {
    /// SCORM 1.2.
    Scorm12,
    /// SCORM 2004, any edition.
    Scorm2004,
    /// cmi5.
    Cmi5,
}

impl Standard {
    /// As scripts and pages name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scorm12 => "scorm12",
            Self::Scorm2004 => "scorm2004",
            Self::Cmi5 => "cmi5",
        }
    }
}

/// A part that is opened by itself: a SCO, an asset or an assignable unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its identifier in the package.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The file to open, with its query.
    pub href: String,
    /// What the package hands to it (SCORM's `datafromlms`, cmi5's `launchParameters`).
    #[serde(default)]
    pub data: String,
    /// The score from which it is passed, as the package writes it.
    #[serde(default)]
    pub mastery: String,
    /// What ends it in cmi5 (`moveOn`).
    #[serde(default)]
    pub move_on: String,
    /// Which window it asks for (cmi5's `launchMethod`).
    #[serde(default = "any_window")]
    pub launch_method: String,
    /// What its publisher knows a learning system by (cmi5's `entitlementKey`).
    #[serde(default)]
    pub entitlement: String,
    /// What SCORM 2004 promises a part besides.
    #[serde(default)]
    pub goals: Goals,
}

/// What a unit that names no window takes (cmi5 13.1.4).
pub(crate) fn any_window() -> String {
    "AnyWindow".into()
}

/// What a part of SCORM 2004 is told by its learning system (RTE 4.2), as the package writes it; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goals {
    /// From which share it is completed.
    pub completion: String,
    /// How long it may take.
    pub longest: String,
    /// What happens then.
    pub at_limit: String,
    /// The objectives that it knows, by their identifiers.
    pub objectives: Vec<String>,
}

/// A package that can be played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its rules.
    pub standard: Standard,
    /// Its title.
    pub title: String,
    /// cmi5: the course's id.
    #[serde(default)]
    pub id: String,
    /// SCORM 2004: it says in which order its parts are opened, and the runtime follows that.
    #[serde(default)]
    pub sequenced: bool,
    /// Its parts in order; at least one.
    pub items: Vec<Item>,
}

impl Package {
    /// The part of an identifier.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|i| i.id == id)
    }
}

/// Why a package was refused. The code leads to a sentence, the detail names the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not a zip file, or a damaged one.
    NotZip,
    /// A name that leads out of the package.
    UnsafePath(String),
    /// Too many files or too many bytes.
    TooLarge,
    /// Neither `imsmanifest.xml` nor `cmi5.xml` at its root.
    NoManifest,
    /// The manifest is no XML; at which line and column.
    Unreadable(String),
    /// The manifest declares its types itself.
    Doctype,
    /// The XML is something else.
    Foreign(String),
    /// SCORM without an organization: nothing says what is to be learned in which order.
    NoOrganization,
    /// No part can be opened.
    NothingToOpen,
    /// An item names a resource that the manifest does not hold.
    ResourceMissing(String),
    /// A file that is to be opened is not in the package.
    FileMissing(String),
    /// A part lies on another server.
    Elsewhere(String),
    /// Two parts have one identifier.
    IdTwice(String),
    /// A part has none.
    IdMissing(String),
}

impl Fault {
    /// The code that leads to a sentence.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotZip => "package_not_zip",
            Self::UnsafePath(_) => "package_unsafe_path",
            Self::TooLarge => "package_too_large",
            Self::NoManifest => "package_no_manifest",
            Self::Unreadable(_) => "package_manifest_unreadable",
            Self::Doctype => "package_doctype",
            Self::Foreign(_) => "package_manifest_foreign",
            Self::NoOrganization => "package_no_organization",
            Self::NothingToOpen => "package_nothing_to_open",
            Self::ResourceMissing(_) => "package_resource_missing",
            Self::FileMissing(_) => "package_file_missing",
            Self::Elsewhere(_) => "package_elsewhere",
            Self::IdTwice(_) => "package_id_twice",
            Self::IdMissing(_) => "package_id_missing",
        }
    }

    /// What it names: a file, an identifier, a line.
    pub fn detail(&self) -> &str {
        match self {
            Self::UnsafePath(d)
            | Self::Unreadable(d)
            | Self::Foreign(d)
            | Self::ResourceMissing(d)
            | Self::FileMissing(d)
            | Self::Elsewhere(d)
            | Self::IdTwice(d)
            | Self::IdMissing(d) => d,
            Self::NotZip
            | Self::TooLarge
            | Self::NoManifest
            | Self::Doctype
            | Self::NoOrganization
            | Self::NothingToOpen => "",
        }
    }
}
