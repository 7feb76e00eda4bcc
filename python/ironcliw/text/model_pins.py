"""Which model files the text engine runs on: names and hashes. Imports nothing, so that set-up can read it alone.

for name, sha256 in SHA256.items(): ...
"""

DETECTOR = "PP-OCRv6_det_small.onnx"
"""The network that finds lines of text."""

RECOGNISER = "PP-OCRv6_rec_small.onnx"
"""The network that reads one line; its list of characters is in its own metadata."""

SHA256 = {
    DETECTOR: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    RECOGNISER: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
"""File name to the SHA-256 of its content, in hexadecimal."""
