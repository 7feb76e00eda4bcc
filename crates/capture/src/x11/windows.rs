//! Windows: which belong to a process, and where the ones to leave out can be seen.

use x11rb::connection::Connection as _;
use x11rb::protocol::res::{self, ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::protocol::shape::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, GetGeometryReply, GetWindowAttributesReply, MapState, Window,
    WindowClass,
};

use super::connection::{Connection, has_extension, optional_reply, reply};
use crate::rect::subtract;
use crate::{Error, Rect};

/// Windows inside windows are looked at this deep for their owner: root, frame, client, and one to spare.
const DEEPEST: usize = 4;

/// Most windows looked at in one search.
const MOST_WINDOWS: usize = 4096;

/// Looks at windows of one display.
pub(crate) struct Windows<'c> {
    connection: &'c Connection,
    root: Window,
    root_depth: u8,
}

impl<'c> Windows<'c> {
    pub(crate) fn new(connection: &'c Connection, root: Window, root_depth: u8) -> Self {
        Self {
            connection,
            root,
            root_depth,
        }
    }

    /// Whether there is such a window.
    pub(crate) fn exists(&self, window: Window) -> Result<bool, Error> {
        Ok(optional_reply(
            self.connection,
            self.connection.get_window_attributes(window),
        )?
        .is_ok())
    }

    /// The ancestor of `window` that is a child of the root window (a window manager's frame, or the window itself);
    /// `None` where the window is gone.
    pub(crate) fn top_level(&self, window: Window) -> Result<Option<Window>, Error> {
        let mut current = window;
        loop {
            let Ok(tree) = optional_reply(self.connection, self.connection.query_tree(current))?
            else {
                return Ok(None);
            };
            if tree.parent == self.root {
                return Ok(Some(current));
            }
            if tree.parent == x11rb::NONE {
                return Ok(None);
            }
            current = tree.parent;
        }
    }

    /// Where any of `windows` can be seen, in the root window's coordinates: their rectangles with borders, less
    /// those of windows in front that certainly hide them. `None` where the server will not say.
    pub(crate) fn visible_parts(&self, windows: &[Window]) -> Result<Option<Vec<Rect>>, Error> {
        let Ok(tree) = optional_reply(self.connection, self.connection.query_tree(self.root))?
        else {
            return Ok(None);
        };
        let mut parts = Vec::new();
        for &window in windows {
            let Some(top) = self.top_level(window)? else {
                continue;
            };
            let Some(rect) = self.viewable_rect(window)? else {
                continue;
            };
            let place = tree.children.iter().position(|&child| child == top);
            // A window that came up since the tree was read: nothing is known to be in front of it.
            let in_front = place.map_or(&[][..], |place| &tree.children[place + 1..]);
            let hidden_by = self.opaque_rects(in_front, rect)?;
            parts.extend(subtract(&[rect], &hidden_by));
        }
        Ok(Some(parts))
    }

    /// As [`Self::visible_parts`], but for windows that a compositing manager draws: what it shows through another window
    /// only it knows, so no window hides them.
    pub(crate) fn uncovered_parts(&self, windows: &[Window]) -> Result<Option<Vec<Rect>>, Error> {
        if windows.is_empty() || !self.is_composited()? {
            return self.visible_parts(windows);
        }
        let mut parts = Vec::new();
        for &window in windows {
            parts.extend(self.viewable_rect(window)?);
        }
        Ok(Some(parts))
    }

    fn is_composited(&self) -> Result<bool, Error> {
        let setup = self.connection.setup();
        let number = setup
            .roots
            .iter()
            .position(|screen| screen.root == self.root);
        let name = format!("_NET_WM_CM_S{}", number.unwrap_or(0));
        let atom = reply(
            self.connection,
            self.connection.intern_atom(false, name.as_bytes()),
        )?
        .atom;
        Ok(reply(self.connection, self.connection.get_selection_owner(atom))?.owner != x11rb::NONE)
    }

    /// The window's rectangle with its border in root coordinates; `None` where it is gone or not shown.
    fn viewable_rect(&self, window: Window) -> Result<Option<Rect>, Error> {
        let attributes = self.connection.get_window_attributes(window);
        let geometry = self.connection.get_geometry(window);
        let origin = self
            .connection
            .translate_coordinates(window, self.root, 0, 0);
        let attributes = optional_reply(self.connection, attributes)?;
        let geometry = optional_reply(self.connection, geometry)?;
        let origin = optional_reply(self.connection, origin)?;
        let (Ok(attributes), Ok(geometry), Ok(origin)) = (attributes, geometry, origin) else {
            return Ok(None);
        };
        if attributes.map_state != MapState::VIEWABLE {
            return Ok(None);
        }
        let border = i32::from(geometry.border_width);
        let inside = Rect::new(
            origin.dst_x.into(),
            origin.dst_y.into(),
            geometry.width.into(),
            geometry.height.into(),
        );
        Ok(Some(Rect::new(
            inside.x - border,
            inside.y - border,
            inside.width + 2 * border,
            inside.height + 2 * border,
        )))
    }

    /// The rectangles of those children of the root window that overlap `area` and let nothing of it through. A window
    /// counts only where that is certain: not one with an alpha channel, a shape or an opacity of its own.
    fn opaque_rects(&self, windows: &[Window], area: Rect) -> Result<Vec<Rect>, Error> {
        let asked: Vec<_> = windows
            .iter()
            .map(|&w| {
                (
                    w,
                    self.connection.get_window_attributes(w),
                    self.connection.get_geometry(w),
                )
            })
            .collect();
        let mut candidates = Vec::new();
        for (window, attributes, geometry) in asked {
            let attributes = optional_reply(self.connection, attributes)?;
            let geometry = optional_reply(self.connection, geometry)?;
            let (Ok(attributes), Ok(geometry)) = (attributes, geometry) else {
                continue;
            };
            let rect = outer_rect(&geometry);
            if self.can_hide(&attributes, &geometry) && rect.intersection(area).is_some() {
                candidates.push((window, rect));
            }
        }
        self.without_translucent(candidates)
    }

    fn can_hide(&self, attributes: &GetWindowAttributesReply, geometry: &GetGeometryReply) -> bool {
        attributes.map_state == MapState::VIEWABLE
            && attributes.class == WindowClass::INPUT_OUTPUT
            && geometry.depth == self.root_depth
    }

    fn without_translucent(&self, candidates: Vec<(Window, Rect)>) -> Result<Vec<Rect>, Error> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let has_shapes = has_extension(self.connection, shape::X11_EXTENSION_NAME)?;
        let opacity = reply(
            self.connection,
            self.connection.intern_atom(true, b"_NET_WM_WINDOW_OPACITY"),
        )?
        .atom;
        let mut opaque = Vec::with_capacity(candidates.len());
        for (window, rect) in candidates {
            let shaped = match has_shapes {
                true => {
                    optional_reply(self.connection, self.connection.shape_query_extents(window))?
                        .map_or(true, |extents| extents.bounding_shaped)
                }
                false => false,
            };
            let translucent = opacity != x11rb::NONE && {
                let property =
                    self.connection
                        .get_property(false, window, opacity, AtomEnum::CARDINAL, 0, 1);
                optional_reply(self.connection, property)?
                    .map_or(true, |property| property.value_len > 0)
            };
            if !shaped && !translucent {
                opaque.push(rect);
            }
        }
        Ok(opaque)
    }

    /// The windows that the processes `pids` show, each with its process, the first of `pids` first. The window
    /// manager's own windows are left out: every window on the screen is inside one of them.
    pub(crate) fn of_processes(&self, pids: &[u32]) -> Result<Vec<(Window, u32)>, Error> {
        let owners = Owners::read(self.connection)?;
        let manager = self.window_manager()?.and_then(|window| owners.pid(window));
        let wm_pid = reply(
            self.connection,
            self.connection.intern_atom(true, b"_NET_WM_PID"),
        )?
        .atom;
        let mut found = Vec::new();
        let mut layer = vec![self.root];
        let mut looked_at = 0;
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for window in self.children(&layer)? {
                looked_at += 1;
                if looked_at > MOST_WINDOWS {
                    return Ok(sorted(found, pids));
                }
                let pid = match owners.pid(window) {
                    Some(pid) => Some(pid),
                    None => self.pid_property(window, wm_pid)?,
                };
                match pid.filter(|pid| pids.contains(pid) && Some(*pid) != manager) {
                    Some(pid)
                        if self
                            .viewable_rect(window)?
                            .is_some_and(|rect| rect.area() > 1) =>
                    {
                        found.push((window, pid));
                    }
                    _ => next.push(window),
                }
            }
            layer = next;
        }
        Ok(sorted(found, pids))
    }

    fn children(&self, windows: &[Window]) -> Result<Vec<Window>, Error> {
        let asked: Vec<_> = windows
            .iter()
            .map(|&window| self.connection.query_tree(window))
            .collect();
        let mut children = Vec::new();
        for tree in asked {
            if let Ok(tree) = optional_reply(self.connection, tree)? {
                children.extend(tree.children);
            }
        }
        Ok(children)
    }

    /// What a client claims its process to be; believed only where the server itself does not know.
    fn pid_property(&self, window: Window, wm_pid: u32) -> Result<Option<u32>, Error> {
        if wm_pid == x11rb::NONE {
            return Ok(None);
        }
        let property =
            self.connection
                .get_property(false, window, wm_pid, AtomEnum::CARDINAL, 0, 1);
        let property = optional_reply(self.connection, property)?;
        Ok(property
            .ok()
            .and_then(|property| property.value32()?.next()))
    }

    fn window_manager(&self) -> Result<Option<Window>, Error> {
        let check = reply(
            self.connection,
            self.connection
                .intern_atom(true, b"_NET_SUPPORTING_WM_CHECK"),
        )?
        .atom;
        if check == x11rb::NONE {
            return Ok(None);
        }
        let property =
            self.connection
                .get_property(false, self.root, check, AtomEnum::WINDOW, 0, 1);
        let property = optional_reply(self.connection, property)?;
        Ok(property
            .ok()
            .and_then(|property| property.value32()?.next()))
    }
}

fn outer_rect(geometry: &GetGeometryReply) -> Rect {
    let border = 2 * i32::from(geometry.border_width);
    let (width, height) = (
        i32::from(geometry.width) + border,
        i32::from(geometry.height) + border,
    );
    Rect::new(geometry.x.into(), geometry.y.into(), width, height)
}

fn sorted(mut found: Vec<(Window, u32)>, pids: &[u32]) -> Vec<(Window, u32)> {
    found.sort_by_key(|(_, pid)| pids.iter().position(|asked| asked == pid));
    found
}

/// Which process each client of the server is, as the server itself knows (X-Resource 1.2).
struct Owners {
    /// The bits of an identifier that tell resources of one client apart.
    resource_mask: u32,
    clients: Vec<(u32, u32)>,
}

impl Owners {
    fn read(connection: &Connection) -> Result<Self, Error> {
        let resource_mask = connection.setup().resource_id_mask;
        let mut clients = Vec::new();
        if has_extension(connection, res::X11_EXTENSION_NAME)? {
            let version = reply(connection, connection.res_query_version(1, 2))?;
            if (version.server_major, version.server_minor) >= (1, 2) {
                let all = ClientIdSpec {
                    client: x11rb::NONE,
                    mask: ClientIdMask::LOCAL_CLIENT_PID,
                };
                let ids = reply(connection, connection.res_query_client_ids(&[all]))?.ids;
                clients = ids
                    .iter()
                    .filter_map(|id| Some((id.spec.client, *id.value.first()?)))
                    .collect();
            }
        }
        Ok(Self {
            resource_mask,
            clients,
        })
    }

    fn pid(&self, window: Window) -> Option<u32> {
        let client = window & !self.resource_mask;
        self.clients
            .iter()
            .find(|(known, _)| known & !self.resource_mask == client)
            .map(|(_, pid)| *pid)
    }
}
