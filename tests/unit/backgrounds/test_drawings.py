"""The backgrounds that come with SegCam are the ones that the script draws."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from segcam.backgrounds import library

pytestmark = pytest.mark.slow
SCRIPTS = Path(__file__).parents[3] / "packaging" / "backgrounds"
FILES = sorted(library.BUNDLED.glob("*.jpg"))
SMALL = 270


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """All of them, drawn again at a small size."""
    folder = tmp_path_factory.mktemp("drawn")
    code = (
        "import cv2, draw\n"
        f"for name in draw.PICTURES:\n"
        f"    cv2.imwrite(f'{folder}/{{name}}.png', draw.draw(name, {SMALL}))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, check=True)
    return {path.stem: cv2.imread(str(path)) for path in folder.iterdir()}


def test_there_are_eight_and_they_are_small_files(drawn):
    assert len(FILES) == 8
    assert {path.stem for path in FILES} == set(drawn)
    assert sum(path.stat().st_size for path in FILES) < 1_000_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_what_the_script_draws(path, drawn):
    picture = cv2.imread(str(path))
    assert picture.shape == (1080, 1920, 3)
    small = cv2.resize(picture, (SMALL * 16 // 9, SMALL), interpolation=cv2.INTER_AREA)
    soft, expected = (cv2.GaussianBlur(each, (0, 0), 4) for each in (small, drawn[path.stem]))
    assert np.abs(soft.astype(int) - expected).mean() < 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_soft_light_shows_no_steps(path):
    """Where brightness changes slowly, neighbouring rows must not all step at the same place."""
    gray = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2GRAY).astype(int)
    steps = np.abs(np.diff(gray, axis=0))
    assert (steps.std(axis=1) > 0.1).mean() > 0.95
