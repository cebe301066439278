//! Many certificates into one ZIP on disk: pages of sheets are set on all cores and written in order, so that memory
//! holds one page at a time however many there are.
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
    thread,
};

use base::{Error, Result};
use secrets::SealKey;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{Press, document::Sheet};

/// A ZIP that is being written.
pub(crate) struct Archive(ZipWriter<BufWriter<File>>);

impl Archive {
    /// A new file, for its owner alone.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let open = File::options().write(true).create(true).truncate(true).mode(0o600).open(path);
        Ok(Self(ZipWriter::new(BufWriter::new(open.map_err(Error::internal)?))))
    }

    /// Adds a file. What Typst writes is compressed already, so nothing is compressed again.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.0.start_file(name, options.large_file(false)).map_err(Error::internal)?;
        self.0.write_all(bytes).map_err(Error::internal)
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<()> {
        let mut file = self.0.finish().map_err(Error::internal)?;
        file.flush().map_err(Error::internal)
    }
}

/// How many sheets are set at the same time.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Sets and seals every sheet, on `cores` threads; the PDFs in the order of the sheets.
pub(crate) fn set_all(
    press: &Press,
    key: &Arc<dyn SealKey>,
    sheets: &[Sheet],
    cores: usize,
) -> Result<Vec<Vec<u8>>> {
    let share = sheets.len().div_ceil(cores.max(1)).max(1);
    let set = |part: &[Sheet]| part.iter().map(|s| press.set(s, &**key)).collect::<Result<Vec<_>>>();
    let parts: Vec<Result<Vec<Vec<u8>>>> = thread::scope(|scope| {
        let running: Vec<_> = sheets.chunks(share).map(|part| scope.spawn(move || set(part))).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|r| r.unwrap_or_else(|_| Err(Error::internal("a press broke down")))).collect()
    });
    let parts = parts.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(parts.into_iter().flatten().collect())
}
