"""The window: its pages, shortcuts and position."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from segcam_ui import icons, theme
from segcam_ui.doctor_page import DoctorPage
from segcam_ui.focus import Ringed
from segcam_ui.guide_page import GuidePage
from segcam_ui.library import Library
from segcam_ui.main_page import MainPage
from segcam_ui.page import Page
from segcam_ui.remote import Remote
from segcam_ui.settings_page import SettingsPage
from segcam_ui.thumbnails import Thumbnails

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
        self.setWindowIcon(icons.program_icon())
        self.setMinimumSize(SMALLEST)
        self.main = MainPage(remote, library, thumbnails, kept)
        self.settings = SettingsPage(remote)
        self.guide = GuidePage(remote)
        self.doctor = DoctorPage(remote)
        self._pages: dict[str, MainPage | Page] = {
            "main": self.main,
            "settings": self.settings,
            "guide": self.guide,
            "doctor": self.doctor,
        }
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.main.wanted.connect(self._serve)
        for teller in (self.main.status, self.settings.status, self.doctor):
            teller.cured.connect(self._cure)
        for page in (self.settings, self.doctor):
            page.closed.connect(lambda: self.open_page("main"))
        self.guide.closed.connect(self._finish_guide)
        self._add_shortcuts()
        self._restyle()
        theme.follow_contrast(self._restyle)
        self.resize(USUAL)
        if (geometry := kept.value("geometry")) is not None:
            self.restoreGeometry(geometry)
        self.guide.set_first(not self._guided)
        self.open_page("main" if self._guided else "guide")

    @property
    def _guided(self) -> bool:
        return bool(self._kept.value("guided", False, bool))

    def open_page(self, name: str, by_keys: bool = False) -> None:
        """Show the page "main", "settings", "guide" or "doctor"; a key shows where the focus is."""
        page = self._pages[name]
        if page is self._stack.currentWidget():
            return
        self._stack.setCurrentWidget(page)
        theme.fade_in(page)
        page.take_focus()
        if by_keys and isinstance(focused := self.focusWidget(), Ringed):
            focused.set_by_keys(True)
        if page in (self.settings, self.doctor):
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
        if self._stack.currentWidget() is not self.guide or self._guided:
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
