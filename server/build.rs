//! Makes the directory that `src/site.rs` embeds, or reads in development. `rust-embed` notes its real path when the
//! server is compiled, and would find nothing in one that is made later.

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    std::fs::create_dir_all("../target/site")
}
