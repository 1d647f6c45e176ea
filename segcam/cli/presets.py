"""``segcam preset``: named parts of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.screen import print_json, print_table, say

if TYPE_CHECKING:
    from segcam.config import Config

LOOK = ("background", "edges", "mirror")
"""What is saved where nothing is given."""

preset = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Named parts of the settings: list, save, use, remove.",
)

Title = Annotated[
    str, typer.Argument(metavar="PRESET", show_default=False, help="The preset's name.")
]


@preset.command("list")
def list_presets(json: options.Json = False) -> None:
    """List the presets, and which ones are at work."""
    file = _file()
    now = file.settings.as_dict().items()
    current = [title for title, values in file.presets.items() if values.items() <= now]
    if json:
        print_json({"presets": file.presets, "current": current[0] if current else ""})
        return
    if not file.presets:
        say("There are none. Save the present settings: segcam preset save NAME")
        return
    rows = [
        (title, "yes" if title in current else "", ", ".join(f"{k} {v}" for k, v in values.items()))
        for title, values in file.presets.items()
    ]
    print_table(("Name", "At work", "Settings"), rows)


@preset.command()
@options.with_settings(options.LIVE, defaults=False)
def save(given: options.Given, title: Title) -> None:
    """Keep the given settings under a name; without any, background, edges and mirror as now."""
    file = _file()
    now = file.settings.as_dict()
    file.save_preset(title, given or {name: now[name] for name in LOOK})
    say(f"Saved. Use it: segcam preset use '{title.strip()}'")


@preset.command()
def use(title: Title) -> None:
    """Change to the settings of a preset."""
    file = _file()
    file.write(file.preset(title))
    say(f"{title} is in the settings file.")


@preset.command()
def remove(title: Title) -> None:
    """Forget a preset; the settings stay as they are."""
    _file().remove_preset(title)
    say(f"Removed {title}.")


def _file() -> Config:
    """The settings file, read; what in it cannot be used is told by ``segcam config``."""
    from segcam.config import Config

    file = Config()
    file.read()
    return file
