//! The windows of a display, kept up to date by the server's own events.
//!
//! The server sends events and replies of one connection in the order in which things happened. So when the reply to a
//! request for pixels has been read, every event about a window that moved before those pixels were taken has been read
//! as well: where none came, the windows were all the time where they were when they were last looked at.

use std::collections::HashMap;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::shape::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, MapState, Window,
    WindowClass,
};

use super::connection::{Connection, Sent, failed, has_extension, optional_reply, reply};
use super::exclusions::Exclusions;
use crate::{Error, Rect};

/// Most children of the root window; with more of them nothing is known.
const MOST_TOPS: usize = 4096;
/// Windows looked at inside one child of the root window: a window manager's frame holds few.
const MOST_MEMBERS: usize = 64;
/// How deep: frame, container, client.
const DEEPEST: usize = 2;
/// Changes noted between two looks.
const MOST_CHANGES: usize = 1024;
/// A title or class is read up to this many bytes.
const LONGEST_TEXT: u32 = 4096;

/// What a window, or one inside of it, calls itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Name {
    window: Window,
    title: String,
    instance: String,
    class: String,
    transient_for: Window,
}

/// What is known of a child of the root window until an event says that it changed.
#[derive(Debug, Default)]
struct Identity {
    members: Vec<Window>,
    names: Vec<Name>,
}

/// A child of the root window.
#[derive(Clone, Copy, Debug)]
struct Top {
    window: Window,
    rect: Rect,
    shown: bool,
    unmanaged: bool,
}

/// A window for those who have conditions about windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What its title bar says.
    pub title: String,
    /// The second word of WM_CLASS.
    pub application: String,
    /// Where it is, in the frame.
    pub rect: Rect,
}

/// Atoms that are no standard ones.
#[derive(Clone, Copy, Debug, Default)]
struct Atoms {
    net_wm_name: u32,
    utf8: u32,
    opacity: u32,
}

/// All windows of one display.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Whether events are asked for.
    followed: bool,
    /// Whether something changed since the windows were last looked at.
    pub(crate) dirty: bool,
    /// Whether the list is incomplete, so that nothing can be said.
    pub(crate) blind: bool,
    /// Counts the looks.
    pub(crate) version: u64,
    atoms: Atoms,
    shapes: bool,
    tops: Vec<Top>,
    known: HashMap<Window, Identity>,
    owner: HashMap<Window, Window>,
    /// Which children of the root window changed since the last look began, and where they were then, as far as it was
    /// said.
    changes: Vec<(Window, Option<Rect>)>,
    /// More changed than is noted.
    overrun: bool,
}

impl Registry {
    /// Asks for events about windows.
    pub(crate) fn follow(&mut self, connection: &Connection, root: Window) -> Result<(), Error> {
        if self.followed {
            return Ok(());
        }
        let mask = EventMask::STRUCTURE_NOTIFY | EventMask::SUBSTRUCTURE_NOTIFY;
        select(connection, root, mask)?;
        self.shapes = has_extension(connection, shape::X11_EXTENSION_NAME)?;
        let name = connection.intern_atom(false, b"_NET_WM_NAME");
        let utf8 = connection.intern_atom(false, b"UTF8_STRING");
        let opacity = connection.intern_atom(false, b"_NET_WM_WINDOW_OPACITY");
        self.atoms = Atoms {
            net_wm_name: reply(connection, name)?.atom,
            utf8: reply(connection, utf8)?.atom,
            opacity: reply(connection, opacity)?.atom,
        };
        (self.followed, self.dirty) = (true, true);
        Ok(())
    }

    pub(crate) fn is_followed(&self) -> bool {
        self.followed
    }

    /// Takes note of an event.
    pub(crate) fn note(&mut self, event: &Event, root: Window) {
        if !self.followed {
            return;
        }
        match event {
            Event::ConfigureNotify(e) if e.event == root && e.window != root => {
                let (width, height, border) = (e.width, e.height, e.border_width);
                let rect = outer(e.x, e.y, width, height, border);
                self.changed(e.window, Some(rect));
            }
            Event::CreateNotify(e) if e.parent == root => {
                let rect = outer(e.x, e.y, e.width, e.height, e.border_width);
                self.changed(e.window, Some(rect));
            }
            Event::CreateNotify(e) => self.forget(e.parent),
            Event::DestroyNotify(e) => self.forget(e.window),
            Event::ReparentNotify(e) => {
                self.forget(e.window);
                self.forget(e.parent);
                self.forget(e.event);
            }
            Event::PropertyNotify(e) if self.names(e.atom) => self.forget(e.window),
            Event::PropertyNotify(e) if e.atom == self.atoms.opacity => {
                self.changed(e.window, None)
            }
            Event::MapNotify(e) if e.event == root => self.changed(e.window, None),
            Event::UnmapNotify(e) if e.event == root => self.changed(e.window, None),
            Event::GravityNotify(e) if e.event == root => self.changed(e.window, None),
            Event::CirculateNotify(e) if e.event == root => self.changed(e.window, None),
            Event::ShapeNotify(e) => self.changed(e.affected_window, None),
            _ => {}
        }
    }

    /// Whether a property says what a window is called, or belongs to. Others change with every key that is pressed.
    fn names(&self, property: u32) -> bool {
        let standard = [
            AtomEnum::WM_NAME,
            AtomEnum::WM_CLASS,
            AtomEnum::WM_TRANSIENT_FOR,
        ];
        property == self.atoms.net_wm_name
            || standard.iter().any(|&each| property == u32::from(each))
    }

    fn changed(&mut self, window: Window, rect: Option<Rect>) {
        self.dirty = true;
        let top = self.owner.get(&window).copied().unwrap_or(window);
        if self.changes.len() < MOST_CHANGES {
            self.changes.push((top, rect));
        } else {
            self.overrun = true;
        }
    }

    fn forget(&mut self, window: Window) {
        self.changed(window, None);
        let top = self.owner.get(&window).copied().unwrap_or(window);
        if let Some(identity) = self.known.remove(&top) {
            for member in identity.members {
                self.owner.remove(&member);
            }
        }
    }

    /// Looks at what changed. Whatever happens from here on is in `changes`: with that, what is found is true until the
    /// next look. Returns what changed before.
    pub(crate) fn look(
        &mut self,
        connection: &Connection,
        root: Window,
    ) -> Result<Vec<(Window, Option<Rect>)>, Error> {
        let earlier = std::mem::take(&mut self.changes);
        (self.dirty, self.blind, self.overrun) = (false, true, false);
        self.version += 1;
        let Ok(tree) = optional_reply(connection, connection.query_tree(root))? else {
            return Ok(earlier);
        };
        if tree.children.len() > MOST_TOPS {
            return Ok(earlier);
        }
        for &top in &tree.children {
            if !self.known.contains_key(&top) {
                let identity = self.identify(connection, top)?;
                for &member in &identity.members {
                    self.owner.insert(member, top);
                }
                self.known.insert(top, identity);
            }
        }
        self.tops = tops(connection, &tree.children)?;
        self.blind = false;
        Ok(earlier)
    }

    /// What a child of the root window and those in it call themselves.
    fn identify(&self, connection: &Connection, top: Window) -> Result<Identity, Error> {
        let mut members = vec![top];
        let mut layer = 0..1;
        for depth in 0..=DEEPEST {
            let windows = members[layer.clone()].to_vec();
            for &window in &windows {
                let inside = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE;
                select(connection, window, inside)?;
            }
            if depth == DEEPEST {
                break;
            }
            let asked: Vec<_> = windows.iter().map(|&w| connection.query_tree(w)).collect();
            for tree in asked {
                if let Ok(tree) = optional_reply(connection, tree)? {
                    members.extend(tree.children);
                }
            }
            members.truncate(MOST_MEMBERS);
            layer = layer.end..members.len();
        }
        if self.shapes {
            connection
                .shape_select_input(top, true)
                .map_err(|error| failed(connection, error))?;
        }
        let asked: Vec<_> = members.iter().map(|&w| self.ask(connection, w)).collect();
        let mut names = Vec::new();
        for (&window, asked) in members.iter().zip(asked) {
            let name = named(connection, window, asked)?;
            if name
                != (Name {
                    window,
                    ..Name::default()
                })
            {
                names.push(name);
            }
        }
        Ok(Identity { members, names })
    }

    fn ask<'c>(&self, connection: &'c Connection, window: Window) -> Asked<'c> {
        let property = |name: u32, kind: u32| {
            connection.get_property(false, window, name, kind, 0, LONGEST_TEXT / 4)
        };
        Asked {
            net_name: property(self.atoms.net_wm_name, self.atoms.utf8),
            name: property(AtomEnum::WM_NAME.into(), AtomEnum::ANY.into()),
            class: property(AtomEnum::WM_CLASS.into(), AtomEnum::STRING.into()),
            transient: property(AtomEnum::WM_TRANSIENT_FOR.into(), AtomEnum::WINDOW.into()),
        }
    }

    /// The children of the root window to hide, and which of the exclusions met a window.
    pub(crate) fn hidden(
        &self,
        connection: &Connection,
        exclusions: &Exclusions,
    ) -> (Vec<Window>, Vec<bool>) {
        let client = |window: Window| window & !connection.setup().resource_id_mask;
        let mut met = vec![false; exclusions.count()];
        let mut hidden: Vec<Window> = Vec::new();
        // Of an application all that its connection shows; of a title what is unmanaged, its menus.
        let (mut whole, mut menus): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for top in &self.tops {
            let Some(identity) = self.known.get(&top.window) else {
                continue;
            };
            let mut hide = false;
            for &member in &identity.members {
                hide |= exclusions.also.contains(&member);
                if let Some(number) = exclusions.window(member) {
                    (met[number], hide) = (true, true);
                }
            }
            for name in &identity.names {
                if let Some(number) = exclusions.application(&name.instance, &name.class) {
                    (met[number], hide) = (true, true);
                    whole.push(client(name.window));
                }
                if let Some(number) = exclusions.title(&name.title) {
                    (met[number], hide) = (true, true);
                    menus.push(client(name.window));
                }
            }
            if hide {
                hidden.push(top.window);
            }
        }
        loop {
            let more: Vec<Window> = self
                .tops
                .iter()
                .filter(|top| !hidden.contains(&top.window))
                .filter(|top| {
                    let Some(identity) = self.known.get(&top.window) else {
                        return false;
                    };
                    let of = client(top.window);
                    let named_of = |names: &[u32]| {
                        identity
                            .names
                            .iter()
                            .any(|n| names.contains(&client(n.window)))
                    };
                    let belongs = |name: &Name| {
                        let leader = self.owner.get(&name.transient_for);
                        leader.is_some_and(|leader| hidden.contains(leader))
                    };
                    whole.contains(&of)
                        || named_of(&whole)
                        || (top.unmanaged && menus.contains(&of))
                        || identity.names.iter().any(belongs)
                })
                .map(|top| top.window)
                .collect();
            if more.is_empty() {
                return (hidden, met);
            }
            hidden.extend(more);
        }
    }

    /// Whether it is known what this child of the root window calls itself.
    pub(crate) fn knows(&self, top: Window) -> bool {
        self.known.contains_key(&top)
    }

    /// Whether something changed of which it is not known what.
    pub(crate) fn lost_count(&self) -> bool {
        self.overrun
    }

    /// Where `hidden` windows may have been since the last look began, or be uncovered, and windows that were not known
    /// then.
    pub(crate) fn disturbed(&self, hidden: &[Window]) -> Vec<Rect> {
        let place = |window| {
            let top = self.tops.iter().find(|top| top.window == window);
            top.map(|top| top.rect)
        };
        let mut rects = Vec::new();
        let mut uncovered = false;
        for &(window, rect) in &self.changes {
            if hidden.contains(&window) || !self.knows(window) {
                rects.extend(rect);
                rects.extend(place(window));
            } else {
                uncovered = true;
            }
        }
        if uncovered {
            let shown = self.tops.iter().filter(|top| top.shown);
            rects.extend(
                shown
                    .filter(|top| hidden.contains(&top.window))
                    .map(|top| top.rect),
            );
        }
        rects
    }

    /// The windows that can be seen in `area` of the root window, uppermost first, without the `hidden` ones.
    pub(crate) fn listed(&self, area: Rect, hidden: &[Window]) -> Vec<Listed> {
        let mut listed = Vec::new();
        for top in self.tops.iter().rev() {
            let seen = top.rect.intersection(area).filter(|_| top.shown);
            let (Some(rect), false) = (seen, hidden.contains(&top.window)) else {
                continue;
            };
            let names = self
                .known
                .get(&top.window)
                .map_or(&[][..], |i| &i.names[..]);
            let title = names.iter().find(|name| !name.title.is_empty());
            let class = names.iter().find(|name| !name.class.is_empty());
            if title.is_some() || class.is_some() {
                listed.push(Listed {
                    title: title.map_or(String::new(), |name| name.title.clone()),
                    application: class.map_or(String::new(), |name| name.class.clone()),
                    rect: rect.moved(-area.x, -area.y),
                });
            }
        }
        listed
    }
}

/// Requests for what a window calls itself.
struct Asked<'c> {
    net_name: Property<'c>,
    name: Property<'c>,
    class: Property<'c>,
    transient: Property<'c>,
}

type Property<'c> = Sent<'c, x11rb::protocol::xproto::GetPropertyReply>;

fn named(connection: &Connection, window: Window, asked: Asked<'_>) -> Result<Name, Error> {
    let bytes = |sent: Property<'_>| -> Result<Vec<u8>, Error> {
        let found = optional_reply(connection, sent)?;
        Ok(found.map(|property| property.value).unwrap_or_default())
    };
    let net_name = bytes(asked.net_name)?;
    let name = bytes(asked.name)?;
    let class = bytes(asked.class)?;
    let transient = optional_reply(connection, asked.transient)?;
    let title = match net_name.is_empty() {
        false => String::from_utf8_lossy(&net_name).into_owned(),
        // The old property is Latin-1, or whatever its client made of it.
        true => String::from_utf8(name)
            .unwrap_or_else(|other| other.as_bytes().iter().map(|&b| char::from(b)).collect()),
    };
    let mut words = class
        .split(|&byte| byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned());
    Ok(Name {
        window,
        title,
        instance: words.next().unwrap_or_default(),
        class: words.next().unwrap_or_default(),
        transient_for: transient
            .ok()
            .and_then(|property| property.value32()?.next())
            .unwrap_or(x11rb::NONE),
    })
}

/// The children of the root window, lowest first; those that went meanwhile are left out, of which events tell.
fn tops(connection: &Connection, windows: &[Window]) -> Result<Vec<Top>, Error> {
    let asked: Vec<_> = windows
        .iter()
        .map(|&window| {
            let attributes = connection.get_window_attributes(window);
            (window, attributes, connection.get_geometry(window))
        })
        .collect();
    let mut tops = Vec::with_capacity(windows.len());
    for (window, attributes, geometry) in asked {
        let attributes = optional_reply(connection, attributes)?;
        let geometry = optional_reply(connection, geometry)?;
        if let (Ok(a), Ok(g)) = (attributes, geometry) {
            tops.push(Top {
                window,
                rect: outer(g.x, g.y, g.width, g.height, g.border_width),
                shown: a.map_state == MapState::VIEWABLE && a.class == WindowClass::INPUT_OUTPUT,
                unmanaged: a.override_redirect,
            });
        }
    }
    Ok(tops)
}

fn outer(x: i16, y: i16, width: u16, height: u16, border: u16) -> Rect {
    let border = 2 * i32::from(border);
    Rect::new(
        x.into(),
        y.into(),
        i32::from(width) + border,
        i32::from(height) + border,
    )
}

fn select(connection: &Connection, window: Window, mask: EventMask) -> Result<(), Error> {
    let attributes = ChangeWindowAttributesAux::new().event_mask(mask);
    connection
        .change_window_attributes(window, &attributes)
        .map(|_| ())
        .map_err(|error| failed(connection, error))
}
