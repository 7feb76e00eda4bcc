"""Which model files the text engine runs on: names and hashes. Imports nothing, so that set-up can read it alone.

for name, sha256 in SHA256.items(): ...
"""

DETECTOR = "detector.onnx"
"""The network that finds lines of text."""

RECOGNISER = "recogniser.onnx"
"""The network that reads one line of Latin script; its characters are in its own metadata."""

SCRIPTS = "scripts.onnx"
"""The recogniser's last layer with all characters; its characters are in its own metadata."""

QUICK = "quick.onnx"
"""The small network that reads a line first; its Latin characters are in its own metadata."""

SHA256 = {
    DETECTOR: "c8546d276ed0ad678881745b8986b397e72e8841dcb45fa947ed6e957f7b4f37",
    RECOGNISER: "8ad56064a6814d594d2a9ceae06120e61ca6ca485a35bddd79bc5f2d7355ea39",
    SCRIPTS: "acbd8a90e2d28ceaad3eb54ca19fba3208271dc26880aa60d78619e772319669",
    QUICK: "ca8a4a6b65512d076ab7daed17aa7d5fa03525188c9aa5ed96d421bebf1e9ac8",
}
"""File name to the SHA-256 of its content, in hexadecimal."""

UPSTREAM = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "PP-OCRv6_rec_tiny.onnx": "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    "PP-OCRv6_rec_tiny.txt": "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
}
"""The same for what set-up makes them from: the upstream detector, recogniser, tiny recogniser and the characters of
the last one, in this order."""
