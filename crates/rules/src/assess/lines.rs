//! One line of a file of records: the step that `xueshi assess` repeats, in memory that does not grow with the file.
use serde::Serialize;

use super::assess;
use crate::policy::Policy;
use crate::record;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing on it: counted, and nothing written.
    Blank,
    /// Its assessment was written.
    Assessed,
    /// Its error was written; the run ends with exit code 1.
    Refused,
}

/// Bytes of the longest line that is read: a record of more than fifty thousand credits. What is longer is refused, so that
/// one line cannot take the memory.
pub const LONGEST: usize = 16 << 20;

/// Assesses line `number` (from 1) and appends one line of JSON to `out`.
pub fn run_line(policy: &Policy, number: u64, line: &[u8], out: &mut Vec<u8>) -> Line {
    if line.trim_ascii().is_empty() {
        return Line::Blank;
    }
    if line.len() > LONGEST {
        return refuse(number, "the line is longer than 16 MiB", out);
    }
    let Ok(text) = std::str::from_utf8(line) else {
        return refuse(number, "not UTF-8", out);
    };
    let record = match record::read(text, policy) {
        Ok(record) => record,
        // The line is the file's; what the reader of the text calls line 1 would only mislead.
        Err(error) => {
            return refuse(number, &error.to_string().replace(" at line 1 column ", " at column "), out);
        }
    };
    let start = out.len();
    if serde_json::to_writer(&mut *out, &assess(policy, &record)).is_err() {
        out.truncate(start);
        return refuse(number, "cannot be written", out);
    }
    out.push(b'\n');
    Line::Assessed
}

fn refuse(number: u64, error: &str, out: &mut Vec<u8>) -> Line {
    #[derive(Serialize)]
    struct Refused<'a> {
        line: u64,
        error: &'a str,
    }
    let start = out.len();
    if serde_json::to_writer(&mut *out, &Refused { line: number, error }).is_err() {
        out.truncate(start);
    }
    out.push(b'\n');
    Line::Refused
}
