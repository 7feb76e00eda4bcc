"""The numeric work, twice: Rust (native) and NumPy (reference), equal bit for bit."""
