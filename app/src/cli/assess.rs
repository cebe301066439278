//! `xueshi assess`: records in, assessments out, line by line; memory does not grow with the file.
use std::{
    io::{BufRead, BufWriter, Write},
    path::Path,
};

use rules::assess::{Line, run_line};

use super::{Done, Fault};

pub(super) fn run(policy: &Path) -> Done {
    let policy = super::policy::load(policy)?;
    let mut input = std::io::stdin().lock();
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let (mut line, mut answer, mut refused) = (Vec::new(), Vec::new(), 0_u64);
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        answer.clear();
        if run_line(&policy, number, &line, &mut answer) == Line::Refused {
            refused += 1;
        }
        out.write_all(&answer)?;
    }
    out.flush()?;
    if refused == 0 { Ok(()) } else { Err(Fault(format!("{refused} lines were refused"))) }
}
