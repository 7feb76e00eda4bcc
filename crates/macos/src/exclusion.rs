//! Which windows are left out of what is captured. The system leaves them out itself: no pixel of them reaches us.

use ironcliw_capture::Titles;

/// A window that is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The system's number of it.
    pub id: u32,
    /// The process it belongs to.
    pub process: i32,
    /// The application's identifier, like `com.apple.Terminal`.
    pub application: String,
    /// Its title.
    pub title: String,
}

/// What is to be left out.
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    /// Windows by their number.
    pub windows: Vec<u32>,
    /// All windows of applications, by their identifier or its last word.
    pub applications: Vec<String>,
    /// All windows whose title meets one of these.
    pub titles: Titles,
    /// All windows of these processes: ours and the terminal that runs us.
    pub processes: Vec<i32>,
}

/// Whether `asked` names the application of this identifier, in upper or lower case.
fn named(asked: &str, application: &str) -> bool {
    let last = application.rsplit('.').next().unwrap_or(application);
    asked.eq_ignore_ascii_case(application)
        || (!last.is_empty() && asked.eq_ignore_ascii_case(last))
}

impl Exclusions {
    /// Whether nothing at all is.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
            && self.applications.is_empty()
            && self.titles.is_empty()
            && self.processes.is_empty()
    }

    /// Whether whole applications are, and nothing else: the system then leaves out windows that they open later, too.
    pub fn only_applications(&self) -> bool {
        !self.is_empty() && self.windows.is_empty() && self.titles.is_empty()
    }

    /// Whether an application is, by its process and its identifier.
    pub fn covers_application(&self, process: i32, application: &str) -> bool {
        self.processes.contains(&process)
            || self
                .applications
                .iter()
                .any(|each| named(each, application))
    }

    /// Whether this window is.
    pub fn covers(&self, window: &Window) -> bool {
        self.windows.contains(&window.id)
            || self.covers_application(window.process, &window.application)
            || self.titles.are_met_by(&window.title)
    }

    /// The numbers of the windows to leave out. Fails where the list cannot be had although something is to be left
    /// out: then nothing may be captured.
    pub fn chosen(&self, windows: Option<&[Window]>) -> Result<Vec<u32>, &'static str> {
        match windows {
            None if self.is_empty() => Ok(Vec::new()),
            None => Err(
                "the list of windows cannot be read, and some are to be left out: nothing is captured",
            ),
            Some(windows) => Ok(windows
                .iter()
                .filter(|each| self.covers(each))
                .map(|each| each.id)
                .collect()),
        }
    }

    /// Which of what is to be left out matches no window there is; to be said once.
    pub fn unmatched(&self, windows: &[Window]) -> Vec<String> {
        let alone = |only: Self, name: String| {
            (!windows.iter().any(|window| only.covers(window))).then_some(name)
        };
        let numbers = self.windows.iter().map(|each| {
            let only = Self {
                windows: vec![*each],
                ..Self::default()
            };
            alone(only, format!("window {each}"))
        });
        let applications = self.applications.iter().map(|each| {
            let only = Self {
                applications: vec![each.clone()],
                ..Self::default()
            };
            alone(only, format!("application {each}"))
        });
        let titles = self.titles.each().map(|(text, titles)| {
            let only = Self {
                titles,
                ..Self::default()
            };
            alone(only, format!("title /{text}/"))
        });
        numbers
            .chain(applications)
            .chain(titles)
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(texts: &[&str]) -> Titles {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Titles::new(&texts).unwrap()
    }

    fn windows() -> [Window; 3] {
        let window = |id, process, application: &str, title: &str| Window {
            id,
            process,
            application: application.to_owned(),
            title: title.to_owned(),
        };
        [
            window(7, 100, "com.apple.Terminal", "ironcliw watch"),
            window(8, 200, "org.keepassxc.keepassxc", "Passwords - KeePassXC"),
            window(9, 300, "org.mozilla.firefox", "Bank of Somewhere"),
        ]
    }

    #[test]
    fn by_number_application_title_and_process() {
        let chosen = |exclusions: Exclusions| exclusions.chosen(Some(&windows())).unwrap();
        assert_eq!(
            chosen(Exclusions {
                windows: vec![9, 1],
                ..Default::default()
            }),
            [9]
        );
        assert_eq!(
            chosen(Exclusions {
                processes: vec![100],
                ..Default::default()
            }),
            [7]
        );
        assert_eq!(
            chosen(Exclusions {
                titles: titles(&["BANK"]),
                ..Default::default()
            }),
            [9]
        );
        let application = "ORG.KeePassXC.keepassxc".to_owned();
        assert_eq!(
            chosen(Exclusions {
                applications: vec![application],
                ..Default::default()
            }),
            [8]
        );
        assert_eq!(chosen(Exclusions::default()), [0u32; 0]);
    }

    #[test]
    fn whole_applications() {
        let application = "com.example.keys".to_owned();
        let mut exclusions = Exclusions {
            applications: vec![application],
            processes: vec![7],
            ..Default::default()
        };
        assert!(exclusions.only_applications());
        assert!(exclusions.covers_application(1, "com.Example.Keys"));
        assert!(exclusions.covers_application(7, ""));
        exclusions.applications.push("KeePassXC".to_owned());
        assert!(exclusions.covers_application(1, "org.keepassxc.keepassxc"));
        assert!(!exclusions.covers_application(1, "org.keepassxc.keepassxc.other"));
        assert!(!exclusions.covers_application(1, ""));
        assert!(!exclusions.covers_application(1, "com.example"));
        exclusions.titles = titles(&["bank"]);
        assert!(!exclusions.only_applications());
        assert!(!Exclusions::default().only_applications());
    }

    #[test]
    fn without_the_list_nothing_is_captured() {
        assert!(
            Exclusions {
                titles: titles(&["bank"]),
                ..Default::default()
            }
            .chosen(None)
            .is_err()
        );
        assert_eq!(Exclusions::default().chosen(None), Ok(Vec::new()));
    }

    #[test]
    fn what_matches_nothing_is_known() {
        let exclusions = Exclusions {
            windows: vec![7, 1],
            applications: vec!["com.example.none".into()],
            titles: titles(&["bank", "nothing of the kind"]),
            processes: vec![5],
        };
        let expected = [
            "window 1",
            "application com.example.none",
            "title /nothing of the kind/",
        ];
        assert_eq!(exclusions.unmatched(&windows()), expected);
    }
}
