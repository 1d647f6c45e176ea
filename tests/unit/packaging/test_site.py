"""The documentation as a site: links lead somewhere, and reading it tells nobody."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.scripts import load

ROOT = Path(__file__).parents[3]
PARTS = ("docs", "models/README.md", "packaging/site", "ui/segcam_ui/icons", "segcam/pipeline")
PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "THIRD_PARTY.md")


@pytest.fixture(scope="module")
def hooks():
    return load("packaging/site/hooks.py")


def build(root, site):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site]
    return subprocess.run(
        [*command, "-f", root / "packaging/site/mkdocs.yml"],
        env={"NO_MKDOCS_2_WARNING": "1", "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as make site builds it."""
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_there_and_leads_to_the_others(site):
    assert len(list(site.glob("*.html"))) > 20
    assert 'href="troubleshooting.html"' in (site / "index.html").read_text()
    assert 'href="architecture.html"' in (site / "contributing.html").read_text()


def test_browsers_load_nothing_from_elsewhere(site, hooks):
    assert hooks.loaded_from_elsewhere(site) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://example.com/x.js"></script>'),
        ("a.html", '<link rel="stylesheet" href="//example.com/x.css">'),
        ("a.html", '<img src="http://example.com/x.png">'),
        ("a.css", "@font-face { src: url(https://example.com/x.woff2) }"),
        ("a.css", '@import "https://example.com/x.css";'),
    ],
)
def test_what_would_be_loaded_from_elsewhere_is_found(hooks, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert len(hooks.loaded_from_elsewhere(tmp_path)) == 1


def test_links_that_readers_follow_may_lead_anywhere(hooks, tmp_path):
    (tmp_path / "a.html").write_text('<a href="https://example.com">there</a><img src="a.png">')
    assert hooks.loaded_from_elsewhere(tmp_path) == []


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    for part in PARTS:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    for page in PAGES:
        shutil.copy(ROOT / page, tmp_path / page)
    with (tmp_path / "docs" / "start.md").open("a") as page:
        page.write("\n[away](nowhere.md) [gone](settings.md#no-such-part)\n")
    done = build(tmp_path, tmp_path / "out")
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
    assert "no-such-part" in done.stderr
