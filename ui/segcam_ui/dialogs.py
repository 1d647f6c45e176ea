"""The system's dialogs for files and colours. They do not block the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QDialog, QFileDialog, QWidget

from segcam_ui.words import translate

PATTERNS = (
    "*.jpg *.jpeg *.png *.webp *.avif *.bmp *.gif *.tif *.tiff "
    "*.mp4 *.mkv *.webm *.mov *.avi *.m4v *.mpg"
)
FIRST_COLOR = "#2b3a55"


def choose_files(parent: QWidget, chosen: Callable[[Sequence[QUrl]], object]) -> None:
    """Let the user choose pictures and videos, first of all in the folder of pictures."""
    dialog = QFileDialog(parent, translate("Picker", "Choose a picture or a video"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    known = translate("Picker", "Pictures and videos") + f" ({PATTERNS})"
    dialog.setNameFilters([known, translate("Picker", "All files") + " (*)"])
    pictures = QStandardPaths.StandardLocation.PicturesLocation
    dialog.setDirectory(QStandardPaths.writableLocation(pictures))
    dialog.urlsSelected.connect(chosen)
    _show(dialog)


def choose_color(parent: QWidget, chosen: Callable[[str], object]) -> None:
    """Let the user choose a colour."""
    dialog = QColorDialog(QColor(FIRST_COLOR), parent)
    dialog.colorSelected.connect(lambda color: chosen(color.name()))
    _show(dialog)


def _show(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setModal(False)
    dialog.show()
