//! Which windows are left out of what is captured. The system leaves them out itself: no pixel of them reaches us.

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// Windows by their number.
    pub windows: Vec<u32>,
    /// All windows of applications, by their identifier.
    pub applications: Vec<String>,
    /// All windows whose title holds one of these texts, in upper or lower case.
    pub titles: Vec<String>,
    /// All windows of these processes: ours and the terminal that runs us.
    pub processes: Vec<i32>,
}

impl Exclusions {
    /// Whether nothing at all is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this window is.
    pub fn covers(&self, window: &Window) -> bool {
        let title = window.title.to_lowercase();
        self.windows.contains(&window.id)
            || self.processes.contains(&window.process)
            || self
                .applications
                .iter()
                .any(|each| each.eq_ignore_ascii_case(&window.application))
            || self
                .titles
                .iter()
                .any(|each| !each.is_empty() && title.contains(&each.to_lowercase()))
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
        let titles = self.titles.iter().map(|each| {
            let only = Self {
                titles: vec![each.clone()],
                ..Self::default()
            };
            alone(only, format!("title {each}"))
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
                titles: vec!["BANK".into(), String::new()],
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
    fn without_the_list_nothing_is_captured() {
        assert!(
            Exclusions {
                titles: vec!["bank".into()],
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
            titles: vec!["bank".into(), "nothing of the kind".into()],
            processes: vec![5],
        };
        let expected = [
            "window 1",
            "application com.example.none",
            "title nothing of the kind",
        ];
        assert_eq!(exclusions.unmatched(&windows()), expected);
    }
}
