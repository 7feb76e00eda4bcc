//! What Windows' answers mean.

use ironcliw_capture::Rect;

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing changed within the time.
    Nothing,
    /// The desktop changed its mode, or another one is shown: begin anew, at once.
    Again,
    /// Windows shows the lock screen or asks for administrator's rights; nobody sees that. Begin anew, after a while.
    Secure,
    /// Another program of this kind, or a session elsewhere, has what there is: begin anew, after a while.
    Busy,
    /// This way is not to be had here; the other one may be.
    Unsupported,
    /// The card or the display went away: begin anew, after a while.
    Gone,
}

/// By the number of an `HRESULT`.
pub fn trouble(number: i32) -> Trouble {
    match number as u32 {
        0x887A_0027 => Trouble::Nothing,
        0x887A_0026 => Trouble::Again,
        0x8007_0005 | 0x887A_002B => Trouble::Secure,
        0x887A_0022 | 0x887A_0028 => Trouble::Busy,
        0x887A_0004 | 0x8000_4001 | 0x8000_4002 => Trouble::Unsupported,
        _ => Trouble::Gone,
    }
}

/// One line for a person.
pub fn words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Nothing => "nothing changed",
        Trouble::Again => "the desktop changed its mode",
        Trouble::Secure => {
            "Windows shows its lock screen or asks for administrator's rights, which no program sees"
        }
        Trouble::Busy => {
            "another program duplicates the desktop, or the session is shown elsewhere: end it there"
        }
        Trouble::Unsupported => "the desktop cannot be duplicated here",
        Trouble::Gone => "the display or its graphics processor went away",
    }
}

/// Why parts of a frame are black: what is played there is protected.
pub const PROTECTED: &str = "protected content is shown, which Windows blackens";

/// What a frame changed: what was drawn to, and where something was moved to. What was moved away from is drawn to, or
/// is still what it was. None where Windows left rectangles out.
pub fn damage(moved_to: &[Rect], drawn: &[Rect], complete: bool) -> Option<Vec<Rect>> {
    complete.then(|| [moved_to, drawn].concat())
}

/// The name of a file without its folder and without `.exe`.
pub fn file_stem(path: &str) -> &str {
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    match name
        .len()
        .checked_sub(4)
        .and_then(|at| name.split_at_checked(at))
    {
        Some((stem, end)) if end.eq_ignore_ascii_case(".exe") => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_by_their_file() {
        assert_eq!(
            file_stem(r"C:\Program Files\KeePassXC\KeePassXC.EXE"),
            "KeePassXC"
        );
        assert_eq!(file_stem("keys"), "keys");
        assert_eq!(file_stem(r"C:\x\ä.exe"), "ä");
        assert_eq!(file_stem(""), "");
    }

    #[test]
    fn each_number() {
        let by_number = [
            (0x887A_0027_u32, Trouble::Nothing),
            (0x887A_0026, Trouble::Again),
            (0x8007_0005, Trouble::Secure),
            (0x887A_0028, Trouble::Busy),
            (0x887A_0004, Trouble::Unsupported),
            (0x887A_0005, Trouble::Gone),
            (0, Trouble::Gone),
        ];
        for (number, expected) in by_number {
            assert_eq!(trouble(number as i32), expected);
            assert!(!words(expected).is_empty());
        }
    }

    #[test]
    fn moved_and_drawn_together() {
        let (moved, drawn) = (Rect::new(0, 64, 800, 500), Rect::new(0, 564, 800, 64));
        assert_eq!(damage(&[moved], &[drawn], true), Some(vec![moved, drawn]));
        assert_eq!(damage(&[], &[], true), Some(Vec::new()));
        assert_eq!(damage(&[moved], &[drawn], false), None);
    }
}
