//! Commands that work on files, run as an operator runs them.
use std::{
    io::Write,
    process::{Command, Stdio},
};

use rules::{
    assess::{LONGEST, Line, run_line},
    policy::Policy,
};

use crate::crash::program;

/// Some two megabytes: several blocks for each core.
const RECORDS: &str = "1200";

/// The policy's path from this crate's folder, where its tests run.
const POLICY: &str = "../policies/hunan-2023.toml";

#[test]
fn records_are_answered_in_their_order_by_all_cores_as_by_one() {
    let made =
        Command::new(program()).args(["load", "training-records", "--count", RECORDS]).output().unwrap();
    assert!(made.status.success());
    let mut records = Vec::new();
    for (number, line) in made.stdout.split_inclusive(|byte| *byte == b'\n').enumerate() {
        records.extend_from_slice(line);
        if number % 100 == 0 {
            records.extend_from_slice(b"{\"id\": nothing}\n\n");
        }
        if number == 600 {
            // Read past, not kept: no line takes the memory.
            records.extend(std::iter::repeat_n(b'x', 2 * LONGEST));
            records.push(b'\n');
        }
    }
    records.pop();

    let policy = Policy::load(&std::fs::read_to_string(POLICY).unwrap()).unwrap();
    let (mut expected, mut refused) = (Vec::new(), 0);
    for (number, line) in (1..).zip(records.split_inclusive(|byte| *byte == b'\n')) {
        if run_line(&policy, number, line, &mut expected) == Line::Refused {
            refused += 1;
        }
    }
    assert_eq!(refused, 13);

    let mut child = Command::new(program())
        .args(["assess", "--policy", POLICY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(&records));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1), "some lines were refused");
    assert!(String::from_utf8_lossy(&output.stderr).contains("13 lines were refused"));
    assert!(output.stdout == expected, "another answer, or in another order");
}
