"""The window: its pages, shortcuts and position."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from segcam_ui import theme
from segcam_ui.focus import Ringed
from segcam_ui.library import Library
from segcam_ui.main_page import MainPage
from segcam_ui.page import Page
from segcam_ui.remote import Remote
from segcam_ui.thumbnails import Thumbnails

if TYPE_CHECKING:
    from segcam_ui.doctor_page import DoctorPage
    from segcam_ui.guide_page import GuidePage
    from segcam_ui.settings_page import SettingsPage

SMALLEST = QSize(800, 560)
USUAL = QSize(1120, 584)


class Window(QWidget):
    """SegCam's window. Closing it hides it if there is a tray.

    Signals:
        quit_wanted: The user wants to end SegCam completely. restart_wanted: The user wants to
        restart SegCam and this program. closed: The window was closed.
    """

    quit_wanted = Signal()
    restart_wanted = Signal()
    closed = Signal()

    def __init__(
        self, remote: Remote, library: Library, thumbnails: Thumbnails, kept: QSettings
    ) -> None:
        super().__init__()
        self._remote, self._kept = remote, kept
        self.setWindowTitle("SegCam")
        self.setMinimumSize(SMALLEST)
        self._restyle()
        self.main = MainPage(remote, library, thumbnails, kept)
        self.main.wanted.connect(self._serve)
        self.main.status.cured.connect(self._cure)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.main)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._add_shortcuts()
        theme.follow_contrast(self._restyle)
        self.resize(USUAL)
        if (geometry := kept.value("geometry")) is not None:
            self.restoreGeometry(geometry)
        if not self._guided:
            self.open_page("guide")

    # The other pages are made when they are first opened, so that the window is up earlier.

    @cached_property
    def settings(self) -> SettingsPage:
        """The settings."""
        from segcam_ui.settings_page import SettingsPage

        made = SettingsPage(self._remote)
        made.status.cured.connect(self._cure)
        made.closed.connect(lambda: self.open_page("main"))
        self._stack.addWidget(made)
        return made

    @cached_property
    def guide(self) -> GuidePage:
        """How programs find SegCam; also the first start."""
        from segcam_ui.guide_page import GuidePage

        made = GuidePage(self._remote)
        made.closed.connect(self._finish_guide)
        made.set_first(not self._guided)
        self._stack.addWidget(made)
        return made

    @cached_property
    def doctor(self) -> DoctorPage:
        """The check-up."""
        from segcam_ui.doctor_page import DoctorPage

        made = DoctorPage(self._remote)
        made.cured.connect(self._cure)
        made.closed.connect(lambda: self.open_page("main"))
        self._stack.addWidget(made)
        return made

    def _is_open(self, name: str) -> bool:
        return name in vars(self) and self._stack.currentWidget() is getattr(self, name)

    @property
    def _guided(self) -> bool:
        return bool(self._kept.value("guided", False, bool))

    def open_page(self, name: str, by_keys: bool = False) -> None:
        """Show the page "main", "settings", "guide" or "doctor"; a key shows where the focus is."""
        if self._is_open(name):
            return
        page: MainPage | Page = getattr(self, name)
        self._stack.setCurrentWidget(page)
        theme.fade_in(page)
        page.take_focus()
        if by_keys and isinstance(focused := self.focusWidget(), Ringed):
            focused.set_by_keys(True)
        if isinstance(page, Page):
            page.open()

    def raise_up(self) -> None:
        """Bring it to the front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Store the position, and make removals permanent."""
        self.keep_place()
        self.main.picker.settle()
        super().closeEvent(event)
        self.closed.emit()

    def stop(self) -> None:
        """End what runs for the pages, and make removals permanent."""
        self.main.picker.settle()
        self.main.preview.stop()
        if "doctor" in vars(self):
            self.doctor.stop()

    def keep_place(self) -> None:
        """Store size and position."""
        self._kept.setValue("geometry", self.saveGeometry())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours and font; a minimised window does not watch."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.main.preview.setVisible(not self.isMinimized())
        elif event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.PaletteChange):
            self._restyle()

    def _restyle(self) -> None:
        sheet = theme.style_sheet(theme.colors())
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    def _add_shortcuts(self) -> None:
        keys = {
            QKeySequence(Qt.Key.Key_Escape): self._step_back,
            QKeySequence("Ctrl+,"): lambda: self.open_page("settings", by_keys=True),
            QKeySequence("Ctrl+P"): self._toggle_pause,
            QKeySequence("Ctrl+Z"): self.main.picker.undo,
            QKeySequence("Ctrl+O"): self.main.picker.choose_file,
            QKeySequence("Ctrl+W"): self.close,
            QKeySequence("Ctrl+Q"): self.quit_wanted.emit,
        }
        for key, act in keys.items():
            QShortcut(key, self).activated.connect(act)

    def _step_back(self) -> None:
        if self.main.header.give_up_name():
            return
        if self._guided or not self._is_open("guide"):
            self.open_page("main", by_keys=True)

    def _toggle_pause(self) -> None:
        if self._remote.state is not None:
            self._remote.pause(not self._remote.state.paused)

    def _finish_guide(self) -> None:
        self._kept.setValue("guided", True)
        self.guide.set_first(False)
        self.open_page("main")

    def _serve(self, wanted: str) -> None:
        if wanted == "quit":
            self.quit_wanted.emit()
        else:
            self.open_page(wanted)

    def _cure(self, action: str) -> None:
        """Run the action of a problem's button."""
        if action == "start":
            self._remote.start()
        elif action == "restart":
            self.restart_wanted.emit()
        elif action == "resume":
            self._remote.pause(False)
        elif action == "cameras":
            self.open_page("main")
            self.main.header.open_cameras()
        else:
            self.open_page(action)
