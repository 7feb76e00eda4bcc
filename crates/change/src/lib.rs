//! Tile fingerprints and pixel differences of screen frames.
