"""What can happen on a desktop: each action is applied at its time and tells the story what is worth reporting.

Moment(3_000, Print("terminal", "BUILD FAILED")).action.apply(desktop)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ironcliw.clock import MS, SECOND
from ironcliw.errors import SettingsError
from ironcliw.source.synthetic.canvas import WHOLE
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.source.synthetic.moving import SPINNER_BEAT_NS, Spinner, Video
from ironcliw.source.synthetic.pane import TextPane
from ironcliw.source.synthetic.panel import Dot, DotState, Label, Progress
from ironcliw.source.synthetic.popup import DIALOG_SIZE, TOAST_SIZE, Dialog, Toast
from ironcliw.source.synthetic.story import Telling
from ironcliw.source.synthetic.widget import Widget, Window


class Action(Protocol):
    """Something that happens."""

    def apply(self, desktop: Desktop) -> None:
        """Let it happen now. SettingsError where the desktop has no such widget."""
        ...


class Moment(NamedTuple):
    """An action and its media time in milliseconds."""

    at_ms: int
    action: Action


@dataclass(frozen=True, slots=True)
class Print:
    """A finished line in a text pane; empty ones are no news."""

    pane: str
    line: str

    def apply(self, desktop: Desktop) -> None:
        """Print it."""
        pane = desktop.find(self.pane, TextPane)
        row, touched = pane.print(self.line)
        desktop.touch(touched)
        if self.line.strip():
            desktop.tell(Telling("text", "line printed", [row.text], desktop.now_ns, pane, row))


@dataclass(frozen=True, slots=True)
class Type:
    """The line being typed now reads ``prompt`` and ``text``; ``began_ms`` stands with its last character."""

    pane: str
    prompt: str
    text: str
    began_ms: int | None = None

    def apply(self, desktop: Desktop) -> None:
        """Show the line so far."""
        pane = desktop.find(self.pane, TextPane)
        desktop.touch(pane.caret_box)
        row, touched = pane.type(self.prompt + self.text)
        desktop.touch(touched)
        if self.began_ms is not None:
            typed = row.text[len(self.prompt) :]
            desktop.tell(Telling("text", "line typed", [typed], self.began_ms * MS, pane, row))


@dataclass(frozen=True, slots=True)
class Enter:
    """The line being typed is finished."""

    pane: str

    def apply(self, desktop: Desktop) -> None:
        """Begin another one."""
        desktop.touch(desktop.find(self.pane, TextPane).enter())


@dataclass(frozen=True, slots=True)
class Clear:
    """All lines of a text pane go."""

    pane: str

    def apply(self, desktop: Desktop) -> None:
        """Clear it."""
        pane = desktop.find(self.pane, TextPane)
        desktop.touch(pane.clear())
        desktop.tell(Telling("cleared", "terminal cleared", [], desktop.now_ns, box=pane.box))


@dataclass(frozen=True, slots=True)
class SetText:
    """A label reads something else; an empty text clears it. Figures tell nothing."""

    label: str
    text: str

    def apply(self, desktop: Desktop) -> None:
        """Show it."""
        label = desktop.find(self.label, Label)
        desktop.touch(label.show(self.text))
        if label.news and label.text:
            desktop.tell(Telling("status", "label changes", [label.text], desktop.now_ns, label, label.changes))
        elif label.news:
            desktop.tell(Telling("cleared", "label emptied", [], desktop.now_ns, box=label.box))


@dataclass(frozen=True, slots=True)
class SetDot:
    """A status dot changes its colour."""

    dot: str
    state: DotState

    def apply(self, desktop: Desktop) -> None:
        """Show it."""
        dot = desktop.find(self.dot, Dot)
        if dot.state != self.state:
            desktop.touch(dot.show(self.state))
            desktop.tell(Telling("status", f"dot turns {self.state}", [], desktop.now_ns, dot, dot.changes))


@dataclass(frozen=True, slots=True)
class SetProgress:
    """A progress bar stands at ``percent``, or is empty. Its start and its 100 % are told, nothing between."""

    progress: str
    caption: str
    percent: int | None

    def apply(self, desktop: Desktop) -> None:
        """Show it."""
        if self.percent is not None and not 0 <= self.percent <= 100:
            raise SettingsError(f"percent: expected 0 to 100, got {self.percent}")
        progress, now_ns = desktop.find(self.progress, Progress), desktop.now_ns
        begins, ends = progress.percent is None, progress.percent is not None and self.percent is None
        desktop.touch(progress.show(self.caption, self.percent))
        if begins and self.percent is not None:
            desktop.tell(Telling("progress", "progress starts", [self.caption], now_ns, progress, progress.runs))
        if self.percent == 100:
            part = (progress.runs, 100)
            desktop.tell(Telling("progress", "progress reaches 100%", [progress.text], now_ns, progress, part))
        if ends:
            desktop.tell(Telling("cleared", "progress gone", [], now_ns, box=progress.box))


@dataclass(frozen=True, slots=True)
class ShowDialog:
    """A dialog opens in the middle of the desktop; ``Hide`` closes it."""

    name: str
    title: str
    message: str
    buttons: tuple[str, ...] = ("OK",)

    def apply(self, desktop: Desktop) -> None:
        """Open it."""
        look, (width, height) = desktop.look, DIALOG_SIZE
        x, y = (look.width / look.scale - width) // 2, (look.height / look.scale - height) // 3
        dialog = Dialog(look.rect(x, y, width, height), look, self.title, self.message, self.buttons)
        desktop.show(desktop.name(self.name, dialog))
        desktop.tell(Telling("dialog", "dialog opens", dialog.words, desktop.now_ns, dialog))


@dataclass(frozen=True, slots=True)
class ShowToast:
    """A notification comes up in the corner; ``slot`` 0 is the lowest. ``Fade`` and ``Hide`` do the rest.

    opacity: in 256ths; below 256 it is told when it has faded in
    """

    name: str
    title: str
    text: str
    slot: int = 0
    opacity: int = WHOLE

    def apply(self, desktop: Desktop) -> None:
        """Show it."""
        look, (width, height) = desktop.look, TOAST_SIZE
        x = look.width / look.scale - width - 16
        y = look.height / look.scale - 48 - height - self.slot * (height + 10)
        toast = Toast(look.rect(x, y, width, height), look, self.title, self.text)
        toast.opacity = self.opacity
        desktop.show(desktop.name(self.name, toast))
        desktop.tell(Telling("notification", "toast comes up", toast.words, desktop.now_ns, toast))


@dataclass(frozen=True, slots=True)
class Fade:
    """A window has this opacity, in 256ths."""

    window: str
    opacity: int

    def apply(self, desktop: Desktop) -> None:
        """Show it."""
        window = desktop.find(self.window, Widget).window
        window.opacity = self.opacity
        desktop.touch(window.box)


@dataclass(frozen=True, slots=True)
class Show:
    """A window that was hidden or lay under others is now on top."""

    window: str

    def apply(self, desktop: Desktop) -> None:
        """Raise it; that is news where it was hidden, or covered by one that it now covers itself."""
        window = desktop.find(self.window, Window)
        is_news = not window.shown or desktop.is_under(window)
        desktop.show(window)
        labels = [child for child in window.children if isinstance(child, Label) and child.text]
        if is_news:
            words = [window.title, *(label.text for label in labels)]
            what = "window comes to the top"
            desktop.tell(Telling("window", what, words, desktop.now_ns, window, seen_by=[*labels]))


@dataclass(frozen=True, slots=True)
class Hide:
    """A window, dialog or toast goes; what it covered is no news."""

    window: str

    def apply(self, desktop: Desktop) -> None:
        """Take it off the desktop."""
        desktop.hide(desktop.find(self.window, Widget).window)


@dataclass(frozen=True, slots=True)
class Move:
    """A window stands so many logical pixels from where it stood at first.

    began_ms: when the drag began; stands with its last step
    """

    window: str
    dx: int
    dy: int
    began_ms: int | None = None

    def apply(self, desktop: Desktop) -> None:
        """Move it."""
        window = desktop.find(self.window, Window)
        desktop.touch(window.box)
        window.place = window.home.moved(desktop.look.px(self.dx), desktop.look.px(self.dy))
        desktop.touch(window.box)
        if self.began_ms is not None:
            since_ns = self.began_ms * MS
            desktop.tell(Telling("layout", "window dragged", [], since_ns, box=window.box, t1_ns=desktop.now_ns))


@dataclass(frozen=True, slots=True)
class Dissolve:
    """``share`` 256ths of the desktop as it is are seen over the picture from before the first of them; None ends it.

    began_ms: when that first one was; stands with the last
    """

    share: int | None
    began_ms: int | None = None

    def apply(self, desktop: Desktop) -> None:
        """Mix the two."""
        desktop.dissolve = self.share
        desktop.touch(desktop.box)
        if self.began_ms is not None:
            since_ns = self.began_ms * MS
            desktop.tell(Telling("transition", "dissolve", [], since_ns, t1_ns=desktop.now_ns))


@dataclass(frozen=True, slots=True)
class Play:
    """The video plays, or the spinner turns, at ``fps``; 0 stops it."""

    widget: str
    fps: int

    def apply(self, desktop: Desktop) -> None:
        """Start or stop it."""
        widget = desktop.find(self.widget, Widget)
        if not isinstance(widget, Video | Spinner) or not 0 <= self.fps <= 60:
            raise SettingsError(f"{self.widget!r} at {self.fps} fps: expected a video or spinner at 0 to 60")
        beat_ns = SPINNER_BEAT_NS if isinstance(widget, Spinner) else SECOND // max(self.fps, 1)
        widget.beat_ns = beat_ns if self.fps else 0
        desktop.touch(widget.tick(desktop.now_ns))
