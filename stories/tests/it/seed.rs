//! A synthetic province: the same for the same seed (the checkpoint's root is over every chain), whole, and with figures
//! that hold.
use std::path::Path;

use crate::crash::program;

fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(program());
    let output = command.args(arguments).env("XUESHI_DATA_DIR", folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_same_seed_makes_the_same_province_and_it_is_whole() {
    let folders: Vec<tempfile::TempDir> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut made = vec![];
    for (folder, seed) in folders.iter().zip(["7", "7", "8"]) {
        let arguments = ["seed", "--people", "120", "--units", "4", "--seed", seed];
        assert_eq!(run(folder.path(), &arguments).trim(), "120 people in 4 units");
        let checkpoint = run(folder.path(), &["audit", "checkpoint"]);
        assert!(checkpoint.starts_with("checkpoint 1: "), "{checkpoint}");
        made.push(checkpoint);
    }
    assert_eq!(made[0], made[1]);
    assert_ne!(made[0], made[2]);
    let one = folders[0].path();
    assert!(run(one, &["audit", "verify"]).starts_with("whole: "));
    assert!(run(one, &["audit", "replay"]).starts_with("reproduced: "));
    run(one, &["stats", "verify"]);
}
