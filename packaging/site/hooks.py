"""Hooks for mkdocs: adds pages from outside ``docs``, and allows nothing from elsewhere.

Links between files of the repository become links between their pages on the site. A file of code
has no page, so its link becomes plain text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "THIRD_PARTY.md": "third-party.md",
    "models/README.md": "training.md",
}
"""Files of the repository that are also pages of the site."""
ICON = "ui/segcam_ui/icons/segcam.svg"
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")
LOADED = re.compile(r"""(?:@import\s+|url\()["']?(?:https?:)?//""")
"""Matches loading from another site in a style sheet."""


def on_files(files: Files, config: Any) -> Files:
    """Add the pages from outside ``docs``."""
    for source, target in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=text))
    files.append(File.generated(config, "icon.svg", content=(ROOT / ICON).read_text()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrite links to files as links to pages."""
    own = page.file.src_uri
    folder = PurePosixPath({page: file for file, page in PAGES.items()}.get(own, f"docs/{own}"))

    def led(link: re.Match[str]) -> str:
        text, path, anchor = link.group(1), link.group(2), link.group(3) or ""
        target = normpath(folder.parent / path)
        if target in PAGES:
            return f"[{text}]({PAGES[target]}{anchor})"
        if target.startswith("docs/"):
            return f"[{text}]({relpath(target, 'docs')}{anchor})"
        return text if (ROOT / target).exists() else link.group()

    return LINK.sub(led, markdown)


def on_post_build(config: Any) -> None:
    """Refuse a site that loads anything from another site."""
    site = Path(config["site_dir"])
    foreign = [f"{path.relative_to(site)}: {what}" for path, what in loaded_from_elsewhere(site)]
    if foreign:
        raise PluginError("The site would load from elsewhere:\n" + "\n".join(foreign))


def loaded_from_elsewhere(site: Path) -> list[tuple[Path, str]]:
    """Addresses that browsers would load from other sites. Links may lead anywhere."""
    found = []
    for path in sorted(site.rglob("*.html")):
        reader = _Loads()
        reader.feed(path.read_text(encoding="utf-8"))
        found += [(path, what) for what in reader.foreign]
    for path in sorted(site.rglob("*.css")):
        found += [(path, what) for what in LOADED.findall(path.read_text(encoding="utf-8"))]
    return found


class _Loads(HTMLParser):
    """Collects addresses of other sites that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the address that the element loads."""
        for name, value in attrs:
            loads = name in ("src", "srcset", "data", "poster") or (name, tag) == ("href", "link")
            if loads and re.match(r"(https?:)?//", value or ""):
                self.foreign.append(value or "")
