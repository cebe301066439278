//! What a template can see: itself, its data and the files handed in. No disk, no packages, no clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use crate::fonts::Shelf;
use crate::{Manuscript, TypesetError};

/// Templates that were read before: the same text is taken apart once. There are few.
#[derive(Default)]
pub(crate) struct Drawer(Mutex<Vec<Source>>);

/// So many texts are kept.
const KEPT: usize = 32;

impl Drawer {
    fn source(&self, id: FileId, text: &str) -> Source {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = kept.iter().find(|source| source.id() == id && source.text() == text) {
            return source.clone();
        }
        let source = Source::new(id, text.to_owned());
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(source.clone());
        source
    }
}

/// The desk one manuscript is set at.
pub(crate) struct Desk<'a> {
    library: &'a LazyHash<Library>,
    shelf: &'a Shelf,
    drawer: &'a Drawer,
    template: Source,
    files: HashMap<FileId, Bytes>,
}

impl<'a> Desk<'a> {
    pub(crate) fn lay_out(
        (library, shelf, drawer): (&'a LazyHash<Library>, &'a Shelf, &'a Drawer),
        manuscript: &Manuscript<'_>,
    ) -> Result<Self, TypesetError> {
        let mut files = HashMap::new();
        files.insert(file_id("data.json")?, Bytes::from_string(manuscript.data.to_string()));
        for (name, content) in manuscript.files {
            files.insert(file_id(name)?, Bytes::new(content.clone()));
        }
        let template = drawer.source(file_id("main.typ")?, manuscript.template);
        Ok(Self { library, shelf, drawer, template, files })
    }

    pub(crate) fn template(&self) -> &Source {
        &self.template
    }
}

/// Names are few and fixed by the templates: the typesetter keeps each one for ever.
fn file_id(name: &str) -> Result<FileId, TypesetError> {
    let path = VirtualPath::new(name).map_err(|_| TypesetError::FileName(name.to_owned()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn absent(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.shelf.book()
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            return Ok(self.template.clone());
        }
        let file = self.file(id)?;
        Ok(self.drawer.source(id, file.as_str().map_err(|_| FileError::InvalidUtf8)?))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| absent(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shelf.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        // a document that asks for the day would not be the same tomorrow
        None
    }
}
