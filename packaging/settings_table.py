"""Writes the table of settings into docs/settings.md (make docs)."""

from __future__ import annotations

from pathlib import Path

from segcam.settings import Setting, describe

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
START, END = "<!-- settings -->\n", "<!-- end of settings -->\n"
LIVE = {
    "at once": "with the next frame",
    "loads": "when it is loaded",
    "restarts": "after a moment without picture",
    "next start": "when SegCam starts next",
}


def table() -> str:
    """All settings as a Markdown table."""
    head = "| key | default | what it does | takes effect |\n|---|---|---|---|\n"
    return head + "".join(_row(setting) for setting in describe())


def page() -> str:
    """The page with the current table."""
    before, rest = PAGE.read_text().split(START)
    _, after = rest.split(END)
    return f"{before}{START}{table()}{END}{after}"


def _row(setting: Setting) -> str:
    default = setting.default
    if isinstance(default, bool):
        value = str(default).lower()
    else:
        value = f'"{default}"' if isinstance(default, str) else f"{default:g}"
    told = setting.help.replace("|", r"\|").replace("<", "&lt;")
    return f"| `{setting.name}` | `{value}` | {told} | {LIVE[setting.live]} |\n"


if __name__ == "__main__":
    PAGE.write_text(page())
