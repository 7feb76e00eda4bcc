//! What the server says changed: one DAMAGE object on the root window.
//!
//! The server reports that there is damage once (level `NonEmpty`) and then collects silently, so that however much is
//! drawn between two captures costs one event. [`Damage::ask`] moves what was collected into a region of ours and
//! leaves the damage empty; pixels are fetched after that, so whatever is drawn meanwhile is reported again.

use x11rb::NONE;
use x11rb::protocol::damage::{self, ConnectionExt as _, ReportLevel};
use x11rb::protocol::xfixes::{self, ConnectionExt as _, FetchRegionReply, Region};
use x11rb::protocol::xproto::Window;

use super::connection::{Connection, Sent, failed, has_extension, new_id, reply};
use crate::{Error, Rect};

/// The damage of one window and everything in it.
pub(crate) struct Damage {
    damage: damage::Damage,
    taken: Region,
}

impl Damage {
    /// Starts collecting. `None` where the server has no DAMAGE (or XFIXES, which carries its regions).
    pub(crate) fn of(connection: &Connection, window: Window) -> Result<Option<Self>, Error> {
        let known = has_extension(connection, damage::X11_EXTENSION_NAME)?
            && has_extension(connection, xfixes::X11_EXTENSION_NAME)?;
        if !known {
            return Ok(None);
        }
        // Both extensions refuse to work before the client has said which version it speaks.
        reply(connection, connection.xfixes_query_version(5, 0))?;
        reply(connection, connection.damage_query_version(1, 1))?;
        let (damage, taken) = (new_id(connection)?, new_id(connection)?);
        let broken = |error| failed(connection, error);
        connection
            .xfixes_create_region(taken, &[])
            .map_err(broken)?;
        connection
            .damage_create(damage, window, ReportLevel::NON_EMPTY)
            .map_err(broken)?;
        Ok(Some(Self { damage, taken }))
    }

    /// Asks what was damaged since the last time; collecting starts anew.
    pub(crate) fn ask<'c>(
        &self,
        connection: &'c Connection,
    ) -> Result<Sent<'c, FetchRegionReply>, Error> {
        connection
            .damage_subtract(self.damage, NONE, self.taken)
            .map_err(|error| failed(connection, error))?;
        Ok(connection.xfixes_fetch_region(self.taken))
    }

    /// The answer, in the window's coordinates.
    pub(crate) fn answer(
        connection: &Connection,
        asked: Sent<'_, FetchRegionReply>,
    ) -> Result<Vec<Rect>, Error> {
        let region = reply(connection, asked)?;
        let rect = |r: &x11rb::protocol::xproto::Rectangle| {
            Rect::new(r.x.into(), r.y.into(), r.width.into(), r.height.into())
        };
        Ok(region.rectangles.iter().map(rect).collect())
    }
}
