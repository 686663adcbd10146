//! Pictures that are nothing but pixels. An SVG is none: it is a document, which can carry scripts.

/// The media type of a PNG, JPEG, GIF or WebP picture by its first bytes (MIME Sniffing, section 6.1). `None` for
/// everything else, whatever it calls itself.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', b'V', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        let pictures: [(&[u8], &str); 5] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF87a\x01\0", "image/gif"),
            (b"GIF89a\x01\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ];
        for (bytes, kind) in pictures {
            assert_eq!(media_type(bytes), Some(kind));
        }
    }

    #[test]
    fn nothing_else_is_a_picture() {
        for bytes in [
            b"".as_slice(),
            b"\x89PNG",
            b"\x89PNG\n\x1a\n",
            b"GIF88a",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
            b"<?xml version=\"1.0\"?><svg/>",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b" \x89PNG\r\n\x1a\n",
            b"\0\0\0\x1cftypavif",
        ] {
            assert_eq!(media_type(bytes), None, "{bytes:?}");
        }
    }
}
