//! Which part of the root window to watch: RANDR's monitors, by name or number.

use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, Window};

use super::connection::{Connection, has_extension, reply};
use crate::{Error, Rect};

/// A part of the root window that is looked at as one screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// RANDR's name of it; `all` for the whole root window.
    pub name: String,
    /// Where it lies in the root window.
    pub rect: Rect,
    /// Whether it is the one that desktops put their panels on.
    pub primary: bool,
}

/// What a display without RANDR calls its only monitor.
const ONLY_MONITOR: &str = "screen";

/// Asks for the whole root window.
const WHOLE_ROOT: &str = "all";

/// The root window.
pub(crate) fn whole(connection: &Connection, root: Window) -> Result<Rect, Error> {
    let geometry = reply(connection, connection.get_geometry(root))?;
    Ok(Rect::new(
        0,
        0,
        geometry.width.into(),
        geometry.height.into(),
    ))
}

/// The display's monitors in the server's order, clipped to the root window; at least one.
pub(crate) fn monitors(connection: &Connection, root: Window) -> Result<Vec<Monitor>, Error> {
    let whole = whole(connection, root)?;
    let mut found = if has_monitors(connection)? {
        listed(connection, root, whole)?
    } else {
        Vec::new()
    };
    if found.is_empty() {
        found.push(Monitor {
            name: ONLY_MONITOR.to_owned(),
            rect: whole,
            primary: true,
        });
    }
    Ok(found)
}

/// Whether the server speaks RANDR 1.5, the first version with monitors.
pub(crate) fn has_monitors(connection: &Connection) -> Result<bool, Error> {
    if !has_extension(connection, randr::X11_EXTENSION_NAME)? {
        return Ok(false);
    }
    let version = reply(connection, connection.randr_query_version(1, 5))?;
    Ok((version.major_version, version.minor_version) >= (1, 5))
}

fn listed(connection: &Connection, root: Window, whole: Rect) -> Result<Vec<Monitor>, Error> {
    let monitors = reply(connection, connection.randr_get_monitors(root, true))?.monitors;
    let mut found = Vec::with_capacity(monitors.len());
    for info in monitors {
        let name = reply(connection, connection.get_atom_name(info.name))?;
        let rect = Rect::new(
            info.x.into(),
            info.y.into(),
            info.width.into(),
            info.height.into(),
        );
        // A monitor may reach beyond the root window for a moment while the screen is being resized.
        if let Some(rect) = rect.intersection(whole) {
            let name = String::from_utf8_lossy(&name.name).into_owned();
            found.push(Monitor {
                name,
                rect,
                primary: info.primary,
            });
        }
    }
    Ok(found)
}

/// The monitor that was asked for: by name, by number from 0 in the listed order, `all` for the whole root window;
/// `None` is the primary monitor, or the first where none is.
pub(crate) fn choose(
    available: &[Monitor],
    whole: Rect,
    asked: Option<&str>,
) -> Result<Monitor, Error> {
    let Some(asked) = asked else {
        let first = available
            .iter()
            .find(|monitor| monitor.primary)
            .or(available.first());
        return first
            .cloned()
            .ok_or_else(|| Error::Lost("the display has no monitor".to_owned()));
    };
    let by_name = available.iter().find(|monitor| monitor.name == asked);
    let by_number = || {
        asked
            .parse::<usize>()
            .ok()
            .and_then(|number| available.get(number))
    };
    if let Some(monitor) = by_name.or_else(by_number) {
        return Ok(monitor.clone());
    }
    if asked == WHOLE_ROOT {
        return Ok(Monitor {
            name: WHOLE_ROOT.to_owned(),
            rect: whole,
            primary: false,
        });
    }
    let describe = |(number, monitor): (usize, &Monitor)| {
        let Rect {
            x,
            y,
            width,
            height,
        } = monitor.rect;
        format!("{number} '{}' ({width}x{height}+{x}+{y})", monitor.name)
    };
    Err(Error::UnknownMonitor {
        asked: asked.to_owned(),
        available: available.iter().enumerate().map(describe).collect(),
    })
}

/// Whether this is the X server inside a Wayland session: newer ones say so, older ones name their outputs after it.
pub(crate) fn is_xwayland(connection: &Connection, available: &[Monitor]) -> Result<bool, Error> {
    let says_so = has_extension(connection, "XWAYLAND")?;
    Ok(says_so
        || available
            .iter()
            .any(|monitor| monitor.name.starts_with("XWAYLAND")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Rect = Rect::new(0, 0, 300, 100);

    fn two() -> Vec<Monitor> {
        vec![
            Monitor {
                name: "left".to_owned(),
                rect: Rect::new(0, 0, 100, 100),
                primary: false,
            },
            Monitor {
                name: "right".to_owned(),
                rect: Rect::new(100, 0, 200, 100),
                primary: true,
            },
        ]
    }

    #[test]
    fn by_default_the_primary_and_else_the_first() {
        assert_eq!(choose(&two(), WHOLE, None).unwrap().name, "right");
        assert_eq!(choose(&two()[..1], WHOLE, None).unwrap().name, "left");
    }

    #[test]
    fn by_name_by_number_and_all() {
        assert_eq!(choose(&two(), WHOLE, Some("left")).unwrap().rect.width, 100);
        assert_eq!(choose(&two(), WHOLE, Some("1")).unwrap().name, "right");
        assert_eq!(choose(&two(), WHOLE, Some("all")).unwrap().rect, WHOLE);
    }

    #[test]
    fn a_name_goes_before_a_number() {
        let mut monitors = two();
        monitors[1].name = "0".to_owned();
        assert_eq!(choose(&monitors, WHOLE, Some("0")).unwrap().rect.width, 200);
    }

    #[test]
    fn an_unknown_monitor_lists_those_there() {
        for asked in ["2", "middle", "-1", "", "1.0"] {
            let text = choose(&two(), WHOLE, Some(asked)).unwrap_err().to_string();
            assert!(
                text.contains("0 'left' (100x100+0+0), 1 'right' (200x100+100+0)"),
                "{text}"
            );
        }
    }
}
