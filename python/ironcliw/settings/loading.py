"""Reading the settings: environment before file before defaults.

    load()                                # ./ironcliw.toml, else $XDG_CONFIG_HOME/ironcliw/ironcliw.toml, else defaults
    load(Path("quiet.toml"))              # this file, which must be there

Every error is a SettingsError of one line: the file (or variable), the key, what was expected, what was found.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentFault

from ironcliw.errors import SettingsError
from ironcliw.settings.plan import from_plan, is_plan
from ironcliw.settings.screens import MOST_SCREENS, ScreenSettings
from ironcliw.settings.section import Section
from ironcliw.settings.sections import Sections, Settings

FILE_NAME = "ironcliw.toml"
PLAN_FILE_NAME = "settings.json"
PREFIX = "IRONCLIW_"
_LARGEST_BYTES = 1_000_000

Tables = dict[str, dict[str, Any]]


class _Environment(Sections, BaseSettings):
    """The same tables, with IRONCLIW_<TABLE>_<KEY> laid over what the file said."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first; what we pass in, the file, second; no dotenv files, no secrets folder."""
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """The settings from ``path``, or from where they are usually kept, under those of the environment.

    A ``.json`` is read as the settings.json of this project's plan, as is a settings.json with its keys that lies
    beside the file (or in the current folder, where there is none); ``notices`` of the result then say what became of
    each key. SettingsError for anything that cannot be used.
    """
    tables: Tables = {}
    notices: tuple[str, ...] = ()
    if path is None:
        path = next((place for place in _usual_places() if place.is_file()), None)
    if path is not None and path.suffix.lower() == ".json":
        tables, notices = from_plan(_json_object(path), str(path))
        return _with_environment(tables, notices)
    beside = (path.parent if path else Path()) / PLAN_FILE_NAME
    if beside.is_file() and is_plan(data := _json(beside)):
        tables, notices = from_plan(data, str(beside))
    screens: tuple[ScreenSettings, ...] = ()
    if path is not None:
        found = _parsed(path)
        screens = _screens(path, found.pop("screen", []))
        for name, table in _toml(path, found).items():
            tables[name] = {**tables.get(name, {}), **table}
    return _with_environment(tables, notices).model_copy(update={"screens": screens})


def _usual_places() -> list[Path]:
    """Where a settings file is looked for, first hit first."""
    places = [Path(FILE_NAME)]
    home = os.environ.get("HOME")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or (Path(home) / ".config" if home else ""))
    if config.is_absolute():  # an empty HOME or a relative path must not lead into the current folder
        places.append(config / "ironcliw" / FILE_NAME)
    return places


def _text(path: Path) -> str:
    """A settings file's text."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        if len(data) > _LARGEST_BYTES:
            raise SettingsError(f"{path}: expected a settings file, got more than {_LARGEST_BYTES} bytes")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"no such settings file: {path}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text (byte {error.start + 1})") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()})") from None


def _screens(path: Path, listed: Any) -> tuple[ScreenSettings, ...]:
    """The tables [[screen]], no two of one name."""
    if not isinstance(listed, list):
        raise SettingsError(f"{path}: screen: expected tables [[screen]], got {_shown(listed)}")
    tables = cast(list[Any], listed)
    if len(tables) > MOST_SCREENS:
        raise SettingsError(f"{path}: {len(tables)} tables [[screen]]; at most {MOST_SCREENS}")
    screens: list[ScreenSettings] = []
    for number, table in enumerate(tables, 1):
        where = f"{path}: [[screen]] {number}"
        try:
            screens.append(ScreenSettings.model_validate(table))
        except ValidationError as error:
            detail = error.errors()[0]
            key = ".".join(map(str, detail["loc"]))
            raise SettingsError(f"{where}: {key}: {detail['msg'].lower()}, got {_shown(detail['input'])}") from None
        if screens[-1].name in [screen.name for screen in screens[:-1]]:
            raise SettingsError(f"{where}: name: {screens[-1].name!r} is taken")
    return tuple(screens)


def _parsed(path: Path) -> dict[str, Any]:
    """What a TOML file says."""
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None  # its words end in "(at line 1, column 5)"
    except RecursionError:
        raise SettingsError(f"{path}: not a settings file: nested too deeply") from None


def _toml(path: Path, data: dict[str, Any]) -> Tables:
    """The tables of a TOML file, each key of the right name, type and size."""
    for name, table in data.items():
        field = Sections.model_fields.get(name)
        if field is None:
            raise SettingsError(f"{path}: {name}: unknown {_thing(table)}{_nearest(name, _known_keys())}")
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {name}: expected a table [{name}], got {_shown(table)}")
        section = cast(type[Section], field.annotation)
        try:
            section.model_validate(table, strict=True)
        except ValidationError as error:
            raise SettingsError(f"{path}: {_worded(error.errors()[0], name)}") from None
    return data


def _json(path: Path) -> Any:
    """Parsed JSON, or None where a settings.json that may be anybody's is not JSON at all."""
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError):  # SettingsError is a ValueError too
        return None


def _json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file that was named to us."""
    text = _text(path)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}: not JSON: {error.msg} (at line {error.lineno}, column {error.colno})") from None
    except (ValueError, RecursionError):
        raise SettingsError(f"{path}: not a settings file") from None
    if not isinstance(data, dict):
        raise SettingsError(f"{path}: expected an object, got {_shown(data)}")
    return cast(dict[str, Any], data)


def _with_environment(tables: Tables, notices: tuple[str, ...]) -> Settings:
    """The tables, found good before, under the environment: whatever is wrong now came from there."""
    try:
        merged = _Environment(**cast(Any, tables))
    except ValidationError as error:
        detail = error.errors()[0]
        variable = PREFIX + "_".join(str(part) for part in detail["loc"][:2]).upper()
        raise SettingsError(f"environment variable {variable}: {_worded(detail, None)}") from None
    except EnvironmentFault as error:
        raise SettingsError(f"environment variables {PREFIX}…: {error}") from None
    return Settings(**{name: getattr(merged, name) for name in Sections.model_fields}, notices=notices)


def _worded(detail: ErrorDetails, table: str | None) -> str:
    """One of pydantic's errors in our words: the key, what was expected, what was found."""
    location = [*([table] if table else []), *(str(part) for part in detail["loc"])]
    key = ".".join(location) + ": " if table else ""
    if detail["type"] == "extra_forbidden":
        return f"{key}unknown key{_nearest(location[-1], _known_keys(location[0]), location[0])}"
    # "Input should be a valid integer, unable to parse …" -> "an integer"; "String should have at least …" likewise.
    expected = re.sub(r"^\w+ should (be|have) ", "", detail["msg"]).split(", unable")[0]
    expected = (
        expected.replace("a valid integer", "a whole number").replace("a valid ", "a ").replace("a tuple", "a list")
    )
    return f"{key}expected {expected}, got {_shown(detail['input'])}"


def _known_keys(table: str | None = None) -> dict[str, str]:
    """Every key, and every table, by the name that a person may have meant; of one table where it is given."""
    known: dict[str, str] = {}
    for name, field in Sections.model_fields.items():
        if table in (None, name):
            section = cast(type[Section], field.annotation)
            known |= {key: f"{name}.{key}" for key in section.model_fields}
    return known if table else {**known, **{name: f"[{name}]" for name in Sections.model_fields}}


def _nearest(name: str, known: Mapping[str, str], table: str | None = None) -> str:
    """``; did you mean source.fps?`` where a known name is near, else the names there are."""
    near = difflib.get_close_matches(name.lower(), known, n=1)
    if not near and table:  # right key, wrong table?
        elsewhere = _known_keys()
        near, known = difflib.get_close_matches(name.lower(), elsewhere, n=1, cutoff=0.8), elsewhere
    if near:
        return f"; did you mean {known[near[0]]}?"
    names = list(_known_keys(table)) if table else [f"[{section}]" for section in Sections.model_fields]
    return f"; known: {', '.join(names)}"


def _thing(value: Any) -> str:
    return "table" if isinstance(value, dict) else "key"


def _shown(value: Any) -> str:
    """A value as it may stand in one line of an error."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
