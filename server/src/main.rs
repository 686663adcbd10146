//! `turnpike`: one binary for the server and its administration.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}
