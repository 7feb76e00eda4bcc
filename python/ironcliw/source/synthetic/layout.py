"""What stands on the desktop when a script begins, and by which names actions find it.

desktop = furnished(look, seed=1, story=None)
desktop.find("terminal", TextPane)
"""

from __future__ import annotations

from ironcliw.frame import Rect
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.moving import Clock, Spinner, Video
from ironcliw.source.synthetic.pane import TextPane
from ironcliw.source.synthetic.panel import Dot, Label, Progress
from ironcliw.source.synthetic.story import Story
from ironcliw.source.synthetic.widget import Bar, Wallpaper, Widget, Window
from ironcliw.source.synthetic.words import EARLIER, FIGURES, NOTES, PAGE, SERVICES

BAR_HEIGHT = 32
VIDEO_SIZE = (160, 90)

_MARGIN = 24
_SERVICES_HEIGHT = 250
_ROW = 26


def furnished(look: Look, seed: int, story: Story | None) -> Desktop:
    """A desktop with a terminal, a service panel, notes with a video, a task bar, and a hidden browser."""
    desktop = Desktop(look, story)
    desktop.show(Wallpaper(desktop.box))
    width, height = look.width / look.scale, look.height / look.scale - BAR_HEIGHT
    left = width * 0.56
    right = Rect(round(left) + 2 * _MARGIN, _MARGIN, round(width - left) - 3 * _MARGIN, _SERVICES_HEIGHT)
    below = Rect(right.x, right.bottom + 16, right.width, round(height) - right.bottom - 16 - _MARGIN)
    _notes(desktop, below, seed)
    _services(desktop, right)
    _terminal(desktop, Rect(_MARGIN, _MARGIN, round(left), round(height) - 2 * _MARGIN))
    _browser(desktop, Rect(_MARGIN // 2, _MARGIN // 2, round(width) - _MARGIN, round(height) - _MARGIN))
    _bar(desktop, round(width))
    desktop.take_dirty()
    desktop.touch(desktop.box)
    return desktop


def _terminal(desktop: Desktop, place: Rect) -> None:
    look = desktop.look
    window = desktop.name("terminal window", Window(look.rect(*place), "Terminal"))
    pane = look.rect(10, 34, place.width - 20, place.height - 44)
    terminal = desktop.name("terminal", window.add(TextPane(pane, look)))
    for line in EARLIER:
        terminal.print(line)
    desktop.show(window)


def _services(desktop: Desktop, place: Rect) -> None:
    look, inner = desktop.look, place.width - 24
    window = desktop.name("services", Window(look.rect(*place), "Services"))
    for row, service in enumerate(SERVICES):
        y = 38 + row * _ROW
        desktop.name(f"{service} dot", window.add(Dot(look.rect(12, y + 2, 16, 16))))
        label = window.add(Label(look.rect(38, y, inner - 26, 20), look))
        label.show(f"{service}: running")
        desktop.name(f"{service} label", label)
    for column, figure in enumerate(FIGURES):
        place_of = look.rect(12 + column * inner // len(FIGURES), 38 + 4 * _ROW + 6, inner // len(FIGURES), 20)
        label = desktop.name(figure, window.add(Label(place_of, look, news=False)))
        label.show(f"{figure} 100")
    y = 38 + 5 * _ROW + 14
    desktop.name("progress", window.add(Progress(look.rect(12, y, inner, 36), look)))
    desktop.show(window)


def _notes(desktop: Desktop, place: Rect, seed: int) -> None:
    look = desktop.look
    window = desktop.name("notes", Window(look.rect(*place), "Notes"))
    video = Rect(place.width - VIDEO_SIZE[0] - 12, 36, *VIDEO_SIZE)
    desktop.name("video", window.add(Video(look.rect(*video), seed)))
    rows = (place.height - 36) // 22
    for row, line in enumerate(NOTES[:rows]):
        room = place.width - 24 - (VIDEO_SIZE[0] + 12 if row * 22 < VIDEO_SIZE[1] else 0)
        window.add(Label(look.rect(12, 36 + row * 22, room, 20), look)).show(line)
    desktop.show(window)


def _browser(desktop: Desktop, place: Rect) -> None:
    look = desktop.look
    window = desktop.name("browser", Window(look.rect(*place), "Browser"))
    for row, line in enumerate(PAGE):
        window.add(Label(look.rect(40, 50 + row * 34, place.width - 80, 20), look)).show(line)


def _bar(desktop: Desktop, width: int) -> None:
    look = desktop.look
    top = look.px(look.height / look.scale - BAR_HEIGHT)
    bar: Widget = Bar(Rect(0, top, look.width, look.height - top))
    bar.add(Clock(look.rect(width - 84, 6, 76, 20)))
    desktop.name("spinner", bar.add(Spinner(look.rect(width - 112, 8, 16, 16))))
    desktop.show(bar)
