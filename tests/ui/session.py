"""A desktop session of one's own: screen, bus, a place for tray icons, the system's settings."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from dbus_fast import Message, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from support.processes import bus_address, end, end_all_of
from support.waiting import LIMIT_S, listens, wait_for

from segcam.zoo.library import models_directory

PROGRAMS = ("Xvfb", "xdotool", "dbus-daemon", "pipewire")
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""
"""Starts no services of the machine: nothing but what a test puts there is on this bus."""

_OTHERS = ("QT_", "XDG_", "WAYLAND_", "DBUS_", "DISPLAY", "LC_", "LANG", "SEGCAM_")
"""Variables that tell of another session begin so."""
WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, MENU = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"
_ERRORS = "org.freedesktop.DBus.Error."
_GONE = {_ERRORS + name for name in ("ServiceUnknown", "NameHasNoOwner", "UnknownObject")}


def missing() -> str:
    """The programs that a session needs and this machine lacks."""
    return ", ".join(program for program in PROGRAMS if shutil.which(program) is None)


class IconGone(AssertionError):
    """The icon was not reached: it registers anew, from another connection."""


class Watcher(ServiceInterface):
    """The interface of a panel for tray icons."""

    def __init__(self) -> None:
        super().__init__(WATCHER)
        self.items: list[str] = []

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: "s"):  # noqa: F821, N802, UP037
        self.items.append(service)

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: "s"):  # noqa: F821, N802, UP037
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> "as":  # noqa: F722, N802
        return self.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":  # noqa: F821, N802, UP037
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> "i":  # noqa: F821, N802, UP037
        return 0

    @dbus_signal()
    def StatusNotifierHostRegistered(self):  # noqa: N802
        pass


class Portal(ServiceInterface):
    """The system's settings: dark or light, and the accent."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.portal.Settings")
        self.values = {
            ("org.freedesktop.appearance", "color-scheme"): Variant("u", 2),
            ("org.freedesktop.appearance", "contrast"): Variant("u", 0),
        }

    @dbus_method()
    def Read(self, namespace: "s", key: "s") -> "v":  # noqa: F821, N802, UP037
        return Variant("v", self._get(namespace, key))

    @dbus_method()
    def ReadOne(self, namespace: "s", key: "s") -> "v":  # noqa: F821, N802, UP037
        return self._get(namespace, key)

    @dbus_method()
    def ReadAll(self, namespaces: "as") -> "a{sa{sv}}":  # noqa: F722, N802
        found: dict[str, dict[str, Variant]] = {}
        for (namespace, key), value in self.values.items():
            found.setdefault(namespace, {})[key] = value
        return found

    @dbus_signal()
    def SettingChanged(self, namespace, key, value) -> "ssv":  # noqa: F821, N802, UP037
        return [namespace, key, value]

    @dbus_property(access=PropertyAccess.READ)
    def version(self) -> "u":  # noqa: F821, UP037
        return 2

    def _get(self, namespace: str, key: str) -> Variant:
        from dbus_fast import DBusError

        if (namespace, key) not in self.values:
            raise DBusError("org.freedesktop.portal.Error.NotFound", "there is none")
        return self.values[namespace, key]


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Session:
    """Screen and bus; ``with Session() as session`` starts and ends them."""

    def __enter__(self) -> Session:
        with ExitStack() as stack:
            temporary = tempfile.TemporaryDirectory(prefix="segcam-session-")
            self.folder = Path(stack.enter_context(temporary))
            self.environment = self._environment()
            # the last to end: a SegCam that the window has just started
            stack.callback(end_all_of, self.folder / "run")
            self._started = stack
            self._start_screen()
            self._start_bus()
            self._start(["pipewire"])  # the way to other programs
            wait_for(lambda: listens(self.folder / "run" / "pipewire-0"))
            self._loop = stack.enter_context(running_loop())
            self.bus = self._await(self._connect())
            stack.callback(lambda: self._await(self._disconnect()))
            self.portal = Portal()
            self._await(self._offer(self.portal, "/org/freedesktop/portal/desktop"))
            self._await(self.bus.request_name("org.freedesktop.portal.Desktop"))
            self.watcher: Watcher | None = None
            self._started = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
        for name in ("run", "config", "data", "cache", "state"):
            (self.folder / name).mkdir(mode=0o700)
        models = models_directory()
        (self.folder / "data" / "segcam").mkdir()
        if models.exists():
            (self.folder / "data" / "segcam" / "models").symlink_to(models)
        return {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{kept.get('PATH', '')}",
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "PIPEWIRE_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CURRENT_DESKTOP": "GNOME",
            "QT_QPA_PLATFORM": "xcb",
            "LANG": "C.UTF-8",
        }

    def _start_screen(self) -> None:
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten"]
        self._start([*command, "tcp"], pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as answer:
            self.environment["DISPLAY"] = f":{answer.readline().strip()}"

    def _start_bus(self) -> None:
        path = self.folder / "run" / "bus"
        config = self.folder / "bus.conf"
        config.write_text(_BUS.format(address=bus_address(path)))
        self._start(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"])
        wait_for(lambda: listens(path))
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus_address(path)

    def _start(self, command: list[str], **more: object) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self.environment, **quiet, **more)
        self._started.callback(end, process)

    # The bus

    async def _connect(self) -> MessageBus:
        address = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        return await MessageBus(bus_address=address).connect()

    async def _disconnect(self) -> None:
        self.bus.disconnect()
        await self.bus.wait_for_disconnect()

    async def _offer(self, interface: ServiceInterface, path: str) -> None:
        self.bus.export(path, interface)

    def _await(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(LIMIT_S)

    def show_panel(self) -> None:
        """From now on there is a place for tray icons."""
        self.watcher = Watcher()
        self._await(self._offer(self.watcher, WATCHER_PATH))
        self._await(self.bus.request_name(WATCHER))

    def hide_panel(self) -> None:
        """The panel ends."""

        async def hide() -> None:
            await self.bus.release_name(WATCHER)
            self.bus.unexport(WATCHER_PATH)

        self._await(hide())
        self.watcher = None

    def set_dark(self, dark: bool) -> None:
        """The user has chosen dark or light in the system's settings."""
        place = "org.freedesktop.appearance", "color-scheme"
        self.portal.values[place] = Variant("u", 1 if dark else 2)

        async def tell() -> None:
            self.portal.SettingChanged(*place, self.portal.values[place])

        self._await(tell())

    def call(self, path: str, interface: str, member: str, signature: str = "", *body):
        """Call the tray icon.

        Raises:
            IconGone: It is about to register anew.
        """
        assert self.watcher is not None
        message = Message(
            destination=self.watcher.items[-1],
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        reply = self._await(self.bus.call(message))
        if reply.error_name in _GONE:
            raise IconGone(member, reply.error_name, reply.body)
        assert reply.error_name is None, (member, reply.error_name, reply.body)
        return reply.body

    def act(self, *call: object) -> bool:
        """Call the tray icon, if it is there. What it was told once is not told again."""
        with suppress(IconGone):
            self.call(*call)
            return True
        return False

    # The tray icon as a panel sees it

    def icon(self) -> dict:
        """The icon's properties."""

        def ask():
            if self.watcher is None or not self.watcher.items:
                return None
            with suppress(AssertionError):  # it registers anew, from another connection
                return self.call(
                    "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "GetAll", "s", ITEM
                )
            return None

        (found,) = wait_for(ask)
        return {name: value.value for name, value in found.items()}

    def activate_icon(self) -> None:
        """As a left click does."""
        wait_for(lambda: self.act("/StatusNotifierItem", ITEM, "Activate", "ii", 0, 0))

    def menu(self, path: str) -> dict[tuple[str, ...], int]:
        """The items of the icon's menu by their titles, those of its menus as well."""
        _, layout = self.call(path, MENU, "GetLayout", "iias", 0, -1, [])
        found: dict[tuple[str, ...], int] = {}

        def walk(node, above: tuple[str, ...]) -> None:
            number, properties, children = node
            title = properties["label"].value if "label" in properties else ""
            here = (*above, title.replace("_", "")) if number else above
            if title:
                found[here] = number
            for child in children:
                walk(child.value, here)

        walk(layout, ())
        return found

    def choose(self, *titles: str) -> None:
        """Choose an item of the menu, once it is there."""

        def chosen() -> bool:
            path, number = self.icon()["Menu"], None
            with suppress(AssertionError):  # it registers anew, with another menu
                number = self.menu(path).get(titles)
            click = "clicked", Variant("s", ""), 0
            return number is not None and self.act(path, MENU, "Event", "isvu", number, *click)

        wait_for(chosen)

    # Mouse and keyboard

    def xdotool(self, *words: object) -> str:
        """Real events on the screen."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
        return done.stdout
