//! What a screen must be like to be read here, and which of its changes are asked for.

use x11rb::connection::Connection as _;
use x11rb::protocol::randr::{ConnectionExt as _, NotifyMask};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageOrder, Screen, VisualClass,
    Window,
};

use super::connection::{Connection, failed};
use super::monitors::has_monitors;
use crate::Error;

/// Tells the server which changes of layout to announce.
pub(crate) fn announce_changes(connection: &Connection, root: Window) -> Result<(), Error> {
    let broken = |error| failed(connection, error);
    let attributes = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
    connection
        .change_window_attributes(root, &attributes)
        .map_err(broken)?;
    if has_monitors(connection)? {
        let changes =
            NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE | NotifyMask::OUTPUT_CHANGE;
        connection
            .randr_select_input(root, changes)
            .map_err(broken)?;
    }
    Ok(())
}

/// Only 24 or 32 bits of blue, green, red in four bytes, lowest first, are read here: what every desktop uses.
pub(crate) fn check_pixels(connection: &Connection, screen: &Screen) -> Result<(), Error> {
    let setup = connection.setup();
    let bits = setup
        .pixmap_formats
        .iter()
        .find(|format| format.depth == screen.root_depth)
        .map(|f| f.bits_per_pixel);
    let visual = screen
        .allowed_depths
        .iter()
        .flat_map(|depth| &depth.visuals)
        .find(|visual| visual.visual_id == screen.root_visual);
    let true_color = visual.is_some_and(|visual| {
        visual.class == VisualClass::TRUE_COLOR
            && (visual.red_mask, visual.green_mask, visual.blue_mask) == (0xff_0000, 0xff00, 0xff)
    });
    let little_endian = setup.image_byte_order == ImageOrder::LSB_FIRST;
    if matches!(screen.root_depth, 24 | 32) && bits == Some(32) && true_color && little_endian {
        return Ok(());
    }
    let order = if little_endian { "little" } else { "big" };
    let class = if true_color {
        "TrueColor"
    } else {
        "other than 8-bit TrueColor"
    };
    Err(Error::Unsupported(format!(
        "depth {} in {} bits, {class}, {order}-endian; needed is depth 24 or 32 in 32 bits, TrueColor, little-endian",
        screen.root_depth,
        bits.unwrap_or(0),
    )))
}
