//! Native screen capture.
