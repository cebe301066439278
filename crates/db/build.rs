//! A new migration file compiles the crate again; the macro that embeds them sees only the files it knew.
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to Cargo")]

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
