//! Windows that are told by their title.

use regex::{Regex, RegexBuilder};

use crate::Error;

/// A compiled title may take this many bytes; a pattern that needs more is refused.
const LARGEST_PATTERN: usize = 1 << 20;

/// Regular expressions found anywhere in a title, upper or lower case alike.
#[derive(Clone, Debug, Default)]
pub struct Titles(Vec<Regex>);

impl Titles {
    /// Fails with [`Error::Pattern`] where one is no regular expression.
    pub fn new(titles: &[String]) -> Result<Self, Error> {
        let titles = titles.iter().map(|title| compiled(title));
        titles.collect::<Result<_, _>>().map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is found in this title.
    pub fn are_met_by(&self, title: &str) -> bool {
        self.0.iter().any(|each| each.is_match(title))
    }

    /// Each by itself, with its text.
    pub fn each(&self) -> impl Iterator<Item = (&str, Self)> {
        self.0
            .iter()
            .map(|each| (each.as_str(), Self(vec![each.clone()])))
    }
}

pub(crate) fn compiled(title: &str) -> Result<Regex, Error> {
    RegexBuilder::new(title)
        .case_insensitive(true)
        .size_limit(LARGEST_PATTERN)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            Error::Pattern(last.trim_start_matches("error: ").to_owned())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_expressions_in_either_case() {
        let titles = Titles::new(&["bank|private".to_owned(), "^keys$".to_owned()]).unwrap();
        assert!(titles.are_met_by("My BANK - Browser"));
        assert!(titles.are_met_by("Keys"));
        assert!(!titles.are_met_by("Keyset"));
        assert_eq!(
            titles.each().map(|(text, _)| text).collect::<Vec<_>>(),
            ["bank|private", "^keys$"]
        );
        assert!(matches!(
            Titles::new(&["(".to_owned()]),
            Err(Error::Pattern(_))
        ));
        assert!(Titles::default().is_empty());
    }
}
