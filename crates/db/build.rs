//! A new migration file compiles the crate again; the macro that embeds them sees only the files it knew.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
