"""Every room's settings, read from one typed file and the environment.

    settings = load()                     # ./ironcliw.toml, else the user's; IRONCLIW_SOURCE_FPS=5 beats both
    settings.source.fps
    print(Settings().template())          # a commented ironcliw.toml with every default

Imported late, by those who read settings: pydantic takes a quarter of a second. ``import ironcliw`` leaves it alone.
"""

from ironcliw.settings.loading import load
from ironcliw.settings.model import BudgetSettings, ModelSettings
from ironcliw.settings.sections import (
    ActionSettings,
    ChangeSettings,
    HistorySettings,
    LogSettings,
    MemorySettings,
    Settings,
    SourceSettings,
    StoreSettings,
    TextSettings,
    WatchSettings,
)

__all__ = [
    "ActionSettings",
    "BudgetSettings",
    "ChangeSettings",
    "HistorySettings",
    "LogSettings",
    "MemorySettings",
    "ModelSettings",
    "Settings",
    "SourceSettings",
    "StoreSettings",
    "TextSettings",
    "WatchSettings",
    "load",
]
