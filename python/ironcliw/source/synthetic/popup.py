"""What comes and goes by itself: dialogs and toasts.

desktop.show("ask", Dialog(place, look, "Delete account?", "This cannot be undone.", ("Delete", "Cancel")))
desktop.show("note", Toast(place, look, "Backup", "Finished in 12 s"))
"""

from __future__ import annotations

from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import Canvas
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.panel import Button, Label
from ironcliw.source.synthetic.widget import RANK_DIALOG, RANK_TOAST, Widget, Window

DIALOG_SIZE = (440, 150)
TOAST_SIZE = (330, 66)

_BUTTON_SIZE = (100, 28)


class Dialog(Window):
    """A window with a message and buttons, above all other windows."""

    rank = RANK_DIALOG

    def __init__(self, place: Rect, look: Look, title: str, message: str, buttons: tuple[str, ...]) -> None:
        super().__init__(place, title)
        width, height = DIALOG_SIZE
        self.words = [title, message, *buttons]
        self.add(Label(look.rect(16, 50, width - 32, 20), look)).show(message)
        for index, text in enumerate(reversed(buttons)):
            x = width - (index + 1) * (_BUTTON_SIZE[0] + 12)
            self.add(Button(look.rect(x, height - 40, *_BUTTON_SIZE), look)).show(text)


class Toast(Widget):
    """A notification in a corner, above everything; its ``opacity`` may grow."""

    rank = RANK_TOAST

    def __init__(self, place: Rect, look: Look, title: str, text: str) -> None:
        super().__init__(place)
        self.words = [title, text]
        for y, line in ((10, title), (36, text)):
            self.add(Label(look.rect(14, y, TOAST_SIZE[0] - 28, 20), look)).show(line)

    def paint(self, canvas: Canvas) -> None:
        """Its edge, its ground and two lines."""
        canvas.fill(self.box, canvas.look.colours.accent)
        canvas.fill(self.box.grown(-canvas.look.px(2), -canvas.look.px(2)), canvas.look.colours.window)
        self.paint_children(canvas)
