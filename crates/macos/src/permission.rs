//! What to click where macOS does not let us see the screen.

/// One line for a person: where the switch is in this version of macOS, and for which program.
///
/// `program` is what macOS lists: the terminal or application that runs us.
pub fn words(program: &str, major_version: u32) -> String {
    let (settings, page) = match major_version {
        0..=12 => (
            "System Preferences > Security & Privacy > Privacy",
            "Screen Recording",
        ),
        13..=14 => ("System Settings > Privacy & Security", "Screen Recording"),
        _ => (
            "System Settings > Privacy & Security",
            "Screen & System Audio Recording",
        ),
    };
    format!(
        "macOS does not let {program} see the screen: open {settings} > {page}, switch {program} on, and start it again"
    )
}

/// The program that macOS asks the user about: the application that a terminal's processes belong to, by its
/// environment (`__CFBundleIdentifier`, `TERM_PROGRAM`), else our own name.
pub fn program(bundle: Option<&str>, terminal: Option<&str>) -> String {
    match (terminal, bundle) {
        (Some("Apple_Terminal"), _) => "Terminal".to_owned(),
        (Some(terminal), _) if !terminal.is_empty() => terminal.trim_end_matches(".app").to_owned(),
        (_, Some(bundle)) if !bundle.is_empty() => bundle.to_owned(),
        _ => "ironcliw".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_where_it_is_in_each_version() {
        let said = words("Terminal", 26);
        let expected = "macOS does not let Terminal see the screen: open System Settings > Privacy & Security > \
            Screen & System Audio Recording, switch Terminal on, and start it again";
        assert_eq!(said, expected);
        assert_eq!(words("Terminal", 15), expected);
        assert!(
            words("iTerm", 14).contains(
                "System Settings > Privacy & Security > Screen Recording, switch iTerm on"
            )
        );
        assert!(
            words("iTerm", 12)
                .contains("System Preferences > Security & Privacy > Privacy > Screen Recording")
        );
    }

    #[test]
    fn the_program_is_the_one_that_macos_lists() {
        assert_eq!(
            program(Some("com.apple.Terminal"), Some("Apple_Terminal")),
            "Terminal"
        );
        assert_eq!(
            program(Some("com.googlecode.iterm2"), Some("iTerm.app")),
            "iTerm"
        );
        assert_eq!(
            program(Some("com.example.agent"), None),
            "com.example.agent"
        );
        assert_eq!(program(None, Some("")), "ironcliw");
    }
}
