//! How many connections there may be at once.

use std::fs;

/// Where the system allows more, or does not say how many files may be open.
const MOST: usize = 10_000;

/// Files that are left to the database, to what the server asks elsewhere, and to everything else.
const RESERVE: usize = 256;

/// As many as files may be open, less [`RESERVE`], and at most [`MOST`].
pub fn most() -> usize {
    within(open_files(&fs::read_to_string("/proc/self/limits").unwrap_or_default()))
}

/// The limit that holds, of `/proc/self/limits`; `None` where there is none.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Never more than half of few files are reserved.
fn within(files: Option<usize>) -> usize {
    let files = files.unwrap_or(usize::MAX);
    (files - RESERVE.min(files / 2)).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_to_others() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             31764                31764                processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files("Max open files            unlimited            unlimited            files"), None);
        assert_eq!(open_files(""), None);
        for (files, connections) in
            [(None, 10_000), (Some(1_000_000), 10_000), (Some(1024), 768), (Some(256), 128), (Some(0), 1)]
        {
            assert_eq!(within(files), connections, "{files:?}");
        }
    }
}
