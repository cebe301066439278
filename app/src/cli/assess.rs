//! `xueshi assess`: records in, assessments out, line by line and in their order. All cores take turns at blocks of
//! lines; memory does not grow with the file.
use std::{
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    num::NonZero,
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use rules::{
    assess::{LONGEST, Line, run_line},
    policy::Policy,
};

use super::{Done, Fault};

/// Bytes of a block before the line that ends it: some hundred records.
const BLOCK: usize = 1 << 18;
/// Blocks that wait for a core, and answers that wait to be written, each per core.
const AHEAD: usize = 2;

/// Whole lines, and the number of the first one.
struct Block {
    first: u64,
    lines: Vec<u8>,
}

/// What a block gave, and how many of its lines were refused.
struct Answers {
    lines: Vec<u8>,
    refused: u64,
}

pub(super) fn run(policy: &Path) -> Done {
    let policy = super::policy::load(policy)?;
    let refused = thread::scope(|scope| {
        let (mut tasks, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let (task, waiting) = sync_channel(AHEAD);
            let (done, answer) = sync_channel(AHEAD);
            let policy = &policy;
            scope.spawn(move || assess(policy, &waiting, &done));
            tasks.push(task);
            answers.push(answer);
        }
        let reading = scope.spawn(move || deal(&tasks));
        let refused = write(answers)?;
        reading.join().unwrap_or_else(|_| Err(io::Error::other("reading broke off")))?;
        Ok::<_, io::Error>(refused)
    })?;
    if refused == 0 { Ok(()) } else { Err(Fault(format!("{refused} lines were refused"))) }
}

/// Reads standard input and hands its blocks to the cores in turn; ends early when nobody takes them any more.
fn deal(tasks: &[SyncSender<Block>]) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut first = 1;
    for task in tasks.iter().cycle() {
        let mut lines = Vec::with_capacity(BLOCK + (1 << 12));
        input.by_ref().take(BLOCK as u64).read_to_end(&mut lines)?;
        if lines.is_empty() {
            break;
        }
        end_line(&mut input, &mut lines)?;
        let held = lines.split(|byte| *byte == b'\n').count() as u64 - 1;
        if task.send(Block { first, lines }).is_err() {
            break;
        }
        first += held;
    }
    Ok(())
}

/// Reads on to the end of the line that a block broke off in. Of a line that is too long only enough is kept to be refused.
fn end_line(input: &mut impl BufRead, lines: &mut Vec<u8>) -> io::Result<()> {
    let most = LONGEST + 2;
    let read = input.by_ref().take(most as u64).read_until(b'\n', lines)?;
    if read < most || lines.last() == Some(&b'\n') {
        return Ok(());
    }
    input.skip_until(b'\n')?;
    lines.push(b'\n');
    Ok(())
}

fn assess(policy: &Policy, blocks: &Receiver<Block>, done: &SyncSender<Answers>) {
    for block in blocks {
        let mut answers = Answers { lines: Vec::with_capacity(block.lines.len()), refused: 0 };
        for (number, line) in (block.first..).zip(block.lines.split_inclusive(|byte| *byte == b'\n')) {
            if run_line(policy, number, line, &mut answers.lines) == Line::Refused {
                answers.refused += 1;
            }
        }
        if done.send(answers).is_err() {
            break;
        }
    }
}

/// Writes what the cores give in the order in which they got their blocks; how many lines were refused.
fn write(answers: Vec<Receiver<Answers>>) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut refused = 0;
    for core in answers.iter().cycle() {
        let Ok(answer) = core.recv() else { break };
        out.write_all(&answer.lines)?;
        refused += answer.refused;
    }
    out.flush()?;
    Ok(refused)
}
