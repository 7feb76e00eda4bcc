//! What is left out of every capture: windows, applications, titles, regions.

use regex::Regex;

use crate::titles::compiled;
use crate::{Error, Rect};

/// What nobody gets to see. Each is matched against all windows whenever one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Exclusions {
    /// Windows that count as none of the exclusions that were asked for.
    pub(crate) also: Vec<u32>,
    pub(crate) windows: Vec<u32>,
    pub(crate) applications: Vec<String>,
    pub(crate) titles: Vec<Regex>,
    pub(crate) regions: Vec<Rect>,
}

impl Exclusions {
    /// `windows`: identifiers; with a window the one goes that the window manager put around it. `applications`: either
    /// word of WM_CLASS, in upper or lower case. `titles`: regular expressions found anywhere in a title, upper or
    /// lower case alike. `regions`: rectangles of the frame.
    ///
    /// # Errors
    /// [`Error::Pattern`] where a title is no regular expression.
    pub fn new(
        windows: Vec<u32>,
        applications: &[String],
        titles: &[String],
        regions: Vec<Rect>,
    ) -> Result<Self, Error> {
        let titles = titles
            .iter()
            .map(|title| compiled(title))
            .collect::<Result<_, _>>()?;
        let applications = applications.iter().map(|name| folded(name)).collect();
        Ok(Self {
            also: Vec::new(),
            windows,
            applications,
            titles,
            regions,
        })
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        !self.by_window() && self.regions.is_empty()
    }

    /// Whether windows have to be looked at.
    pub(crate) fn by_window(&self) -> bool {
        !(self.also.is_empty()
            && self.windows.is_empty()
            && self.applications.is_empty()
            && self.titles.is_empty())
    }

    /// How many there are, regions aside.
    pub(crate) fn count(&self) -> usize {
        self.windows.len() + self.applications.len() + self.titles.len()
    }

    /// The number of the window exclusion that this identifier meets.
    pub(crate) fn window(&self, window: u32) -> Option<usize> {
        self.windows.iter().position(|&id| id == window)
    }

    /// The number of the application exclusion that either word of a WM_CLASS meets.
    pub(crate) fn application(&self, instance: &str, class: &str) -> Option<usize> {
        let (instance, class) = (folded(instance), folded(class));
        let found = self
            .applications
            .iter()
            .position(|name| *name == instance || *name == class)?;
        Some(self.windows.len() + found)
    }

    /// The number of the title exclusion that this title meets.
    pub(crate) fn title(&self, title: &str) -> Option<usize> {
        let found = self.titles.iter().position(|each| each.is_match(title))?;
        Some(self.windows.len() + self.applications.len() + found)
    }
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusions() -> Exclusions {
        let (applications, titles) = (["KeePassXC".to_owned()], ["bank|private".to_owned()]);
        Exclusions::new(vec![7], &applications, &titles, Vec::new()).unwrap()
    }

    #[test]
    fn each_is_known_by_its_number() {
        let found = exclusions();
        assert_eq!((found.window(7), found.window(8)), (Some(0), None));
        assert_eq!(found.application("keepassxc", ""), Some(1));
        assert_eq!(found.application("", "keepassXC"), Some(1));
        assert_eq!(found.application("keepass", "keepass2"), None);
        assert_eq!(found.title("My Bank - Browser"), Some(2));
        assert_eq!(found.title("Editor"), None);
        assert_eq!(found.count(), 3);
        assert!(!found.is_empty() && Exclusions::default().is_empty());
    }

    #[test]
    fn what_is_no_pattern_is_refused_in_one_line() {
        for title in ["(", "[z-a]", "a{999999}{999999}"] {
            let refused = Exclusions::new(Vec::new(), &[], &[title.to_owned()], Vec::new());
            let text = refused.unwrap_err().to_string();
            assert!(!text.contains('\n') && text.len() > 5, "{text}");
        }
    }
}
