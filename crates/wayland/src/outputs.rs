//! A compositor's outputs, and which of them is meant.

use crate::{Error, Rect};

/// One output: its name, its place among the others, and its size in pixels as it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The compositor's name for it, such as `DP-1`; `output-N` where it gives none.
    pub name: String,
    /// Place and size.
    pub rect: Rect,
}

/// An output as the compositor tells of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) id: u32,
    /// The registry's number for it.
    pub(crate) global: u32,
    pub(crate) name: String,
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) transform: u32,
    /// Width and height in its own pixels, not turned; 0 where it does not say.
    pub(crate) mode: (i32, i32),
}

/// The output that is asked for: by name, by number from 0, or (`None`) the first.
pub(crate) fn choose<'o>(outputs: &'o [Told], asked: Option<&str>) -> Result<&'o Told, Error> {
    let Some(asked) = asked else {
        return outputs
            .first()
            .ok_or_else(|| Error::Lost("it has no output: no monitor is connected".to_owned()));
    };
    let by_number = || asked.parse().ok().and_then(|n: usize| outputs.get(n));
    outputs
        .iter()
        .find(|output| output.name == asked)
        .or_else(by_number)
        .ok_or_else(|| Error::UnknownOutput {
            asked: asked.to_owned(),
            available: match outputs {
                [] => vec!["none".to_owned()],
                _ => outputs
                    .iter()
                    .enumerate()
                    .map(|(number, output)| format!("{number} ({})", output.name))
                    .collect(),
            },
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_chosen_by_name_before_number() {
        let outputs = ["1", "DP-1"].map(|name| Told {
            name: name.to_owned(),
            ..Told::default()
        });
        let chosen = |asked| choose(&outputs, asked).map(|output| output.name.clone());
        assert_eq!(chosen(None).unwrap(), "1");
        assert_eq!(chosen(Some("1")).unwrap(), "1");
        assert_eq!(chosen(Some("0")).unwrap(), "1");
        assert_eq!(chosen(Some("DP-1")).unwrap(), "DP-1");
        assert_eq!(
            chosen(Some("DP-2")).unwrap_err().to_string(),
            "no output 'DP-2': this compositor has 0 (1), 1 (DP-1)"
        );
        assert!(matches!(choose(&[], None), Err(Error::Lost(_))));
        assert!(
            choose(&[], Some("0"))
                .unwrap_err()
                .to_string()
                .ends_with("has none")
        );
    }
}
