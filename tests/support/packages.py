"""Installed packages, made of files in a folder."""

from __future__ import annotations

from pathlib import Path


def have_package(site: Path, content: bytes = b"code") -> Path:
    """Install an OpenCV of one library, as pip does, and return that library."""
    library = site / "cv2/cv2.abi3.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(content)
    about = site / "opencv_python_headless-5.0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: opencv-python-headless\nVersion: 5.0.0\n")
    lines = (f"cv2/cv2.abi3.so,sha256=x,{len(content)}", "cv2/__init__.py,sha256=x,9", "x.pyc,,")
    (about / "RECORD").write_text("\n".join(lines))
    return library
