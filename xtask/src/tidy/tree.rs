//! The repository's files as text, without what is built or fetched.
use std::{fs, io, path::Path};

const SKIPPED: &[&str] = &["target", "node_modules", "dist", ".git", "data", "shots", "test-results"];
const READ: &[&str] = &["rs", "toml", "lock", "md", "ts", "html", "ftl", "jsonl"];

/// A file.
pub(super) struct File {
    /// From the root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl File {
    /// The name without its folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is test code as a whole.
    pub fn is_test(&self) -> bool {
        let is_test_dir =
            |part: &str| matches!(part, "tests" | "stories" | "benches" | "examples" | "testkit");
        self.path.split('/').any(is_test_dir) || matches!(self.name(), "testing.rs" | "tests.rs")
    }

    /// The line, from 1, of a byte.
    pub fn line_of(&self, at: usize) -> usize {
        line_of(&self.text, at)
    }
}

/// All files that the checks look at.
#[derive(Default)]
pub(super) struct Tree {
    files: Vec<File>,
    /// Every path there is, folders too.
    paths: Vec<String>,
}

impl Tree {
    /// Reads the repository.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.visit(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn visit(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) && entry.path().is_dir() && !is_source(prefix, &name) {
                continue;
            }
            let path = format!("{prefix}{name}");
            self.paths.push(path.clone());
            if entry.file_type()?.is_dir() {
                self.visit(&entry.path(), &format!("{path}/"))?;
            } else if READ.iter().any(|e| name.rsplit_once('.').is_some_and(|(_, end)| end == *e))
                && let Ok(text) = fs::read_to_string(entry.path())
            {
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }

    /// The files whose name ends so.
    pub fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |f| f.path.ends_with(end))
    }

    /// A file by its path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|f| f.path == path)
    }

    /// Whether there is a file or folder of that path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|p| p == path)
    }

    /// A tree of the files given, for the checks' own tests.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files: Vec<File> =
            files.iter().map(|(p, t)| File { path: (*p).to_owned(), text: (*t).to_owned() }).collect();
        let paths = files.iter().map(|f| f.path.clone()).collect();
        Self { files, paths }
    }
}

/// `data` beside a crate's `src` belongs to the code; at the root it is the demo's.
fn is_source(prefix: &str, name: &str) -> bool {
    name == "data" && !prefix.is_empty()
}

/// The line, from 1, of a byte of a text.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}
