"""Sends requests to the running SegCam: one function for each.

``which`` is the name of a second SegCam (``segcam run --name NAME``); "" is the usual one. Each
raises `DaemonNotRunning` if there is none, and `DaemonError` if there is no valid answer. Other
errors of the running SegCam are raised here as the same `SegCamError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segcam.api import messages, transport
from segcam.api.messages import State, not_understood
from segcam.api.streams import Subscription, Watch, answer_of
from segcam.api.transport import Connection
from segcam.errors import DaemonNotRunning, UsageError

FIRST_S, NEXT_S = 15.0, 30.0
"""Longest wait for the first message, and for each later one. SegCam sends one every 5 s while it
carries out a slow request, which may take minutes: a driver may have to compile the model."""

OnProgress = Callable[[str], object]


def ignore(text: str) -> None:
    """Do nothing."""


def request(
    request_name: str,
    /,
    *,
    which: str = "",
    timeout_s: float = FIRST_S,
    on_progress: OnProgress = ignore,
    **fields: Any,
) -> dict[str, Any]:
    """Send any request and wait for its answer.

    Args:
        request_name: See docs/daemon.md.
        which: Name of the SegCam.
        timeout_s: Longest wait for the first message.
        on_progress: Called with a message before a slow step, and again while it lasts.
        fields: The request's fields.
    """
    with transport.connect(timeout_s, which) as connection:
        transport.send(connection, {"request": request_name, **fields}, timeout_s)
        reply = transport.receive(connection, timeout_s)
        while "progress" in reply:
            if reply["progress"]:  # else it only says that it is still at work
                on_progress(str(reply["progress"]))
            reply = transport.receive(connection, NEXT_S)
    return answer_of(reply)


def find(which: str = "") -> str:
    """The addressed SegCam: if the usual one does not run, the only other one.

    Raises:
        DaemonNotRunning: None runs.
        UsageError: Several others run.
    """
    if which or _runs(""):
        return which
    others = [each for each in transport.names() if each and _runs(each)]
    if len(others) > 1:
        known = " or ".join(f"--name {each}" for each in others)
        raise UsageError(
            "Several SegCams are running", ", ".join(others), f"Say which one: {known}"
        )
    if not others:
        raise transport.not_running()
    return others[0]


def _runs(which: str) -> bool:
    try:
        transport.connect(name=which).close()
    except DaemonNotRunning:
        return False
    return True


def status(which: str = "", timeout_s: float = transport.ANSWER_S) -> State:
    """The state of the running SegCam."""
    return State.from_dict(request(messages.STATUS, which=which, timeout_s=timeout_s))


def change(
    values: Mapping[str, Any],
    once: bool = False,
    on_progress: OnProgress = ignore,
    which: str = "",
) -> State:
    """Change settings of the running SegCam.

    Args:
        values: Settings by name, as `segcam.settings` declares them; paths are absolute.
        once: Only for this run; else also store them in the settings file.
        on_progress: Called with a message before a slow step.
        which: Name of the SegCam.

    Returns:
        The new state.

    Raises:
        SegCamError: The change is not possible; nothing has changed.
    """
    answer = request(
        messages.SET, which=which, on_progress=on_progress, values=dict(values), once=once
    )
    return State.from_dict(answer)


def pause(which: str = "") -> State:
    """Switch the camera off: viewers get the placeholder."""
    return State.from_dict(request(messages.PAUSE, which=which))


def resume(which: str = "") -> State:
    """Switch the camera on again."""
    return State.from_dict(request(messages.RESUME, which=which))


def stop(which: str = "") -> None:
    """End the running SegCam. Returns before it has ended."""
    request(messages.STOP, which=which)


def describe(which: str = "") -> list[dict[str, Any]]:
    """All settings, as the running SegCam declares them."""
    return _list(request(messages.DESCRIBE, which=which), "settings")


def cameras(which: str = "") -> list[dict[str, Any]]:
    """The cameras, as ``segcam cameras --json`` prints them."""
    return _list(request(messages.CAMERAS, which=which), "cameras")


def backends(on_progress: OnProgress = ignore, which: str = "") -> list[dict[str, Any]]:
    """The backends and what they lack, as ``segcam backends --json`` prints them."""
    return _list(request(messages.BACKENDS, which=which, on_progress=on_progress), "backends")


def models(which: str = "") -> list[dict[str, Any]]:
    """The published models, as ``segcam models list --json`` prints them."""
    return _list(request(messages.MODELS, which=which), "models")


def presets(which: str = "") -> dict[str, Any]:
    """``{"presets": {NAME: settings}, "current": NAME or ""}``."""
    return request(messages.PRESETS, which=which)


def save_preset(preset: str, values: Mapping[str, Any] | None = None, which: str = "") -> State:
    """Save a preset: the given settings, or the current background, edges and mirror."""
    given = None if values is None else dict(values)
    answer = request(messages.PRESET_SAVE, which=which, name=preset, values=given)
    return State.from_dict(answer)


def use_preset(preset: str, on_progress: OnProgress = ignore, which: str = "") -> State:
    """Switch to a preset."""
    answer = request(messages.PRESET_USE, which=which, on_progress=on_progress, name=preset)
    return State.from_dict(answer)


def remove_preset(preset: str, which: str = "") -> State:
    """Delete a preset."""
    return State.from_dict(request(messages.PRESET_REMOVE, which=which, name=preset))


def backgrounds(which: str = "") -> list[dict[str, Any]]:
    """The library of backgrounds; "value" is what `change` takes."""
    return _list(request(messages.BACKGROUNDS, which=which), "backgrounds")


def add_background(path: str, which: str = "") -> list[dict[str, Any]]:
    """Copy a picture or a video into the library; returns the whole library."""
    return _list(request(messages.BACKGROUND_ADD, which=which, path=path), "backgrounds")


def remove_background(identifier: str, which: str = "") -> list[dict[str, Any]]:
    """Remove one of the user's own from the library; returns the whole library."""
    return _list(request(messages.BACKGROUND_REMOVE, which=which, id=identifier), "backgrounds")


def background_film(identifier: str, which: str = "") -> dict[str, Any]:
    """Small pictures of a video of the library, stacked in a JPEG picture.

    Returns:
        Its "path", the "height" of each picture, and "rate_hz", the rate to show them.
    """
    return request(messages.BACKGROUND_FILM, which=which, id=identifier)


def autostart(on: bool | None = None, which: str = "") -> dict[str, Any]:
    """Whether SegCam starts at login.

    Args:
        on: Switch it on or off; None only asks.
        which: Name of the SegCam.

    Returns:
        "on", and the "way": what starts it, for the user.
    """
    fields: dict[str, Any] = {} if on is None else {"on": on}
    return request(messages.AUTOSTART, which=which, **fields)


def _list(answer: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    found = answer.get(part)
    if not isinstance(found, list):
        raise not_understood(f"{part} is missing")
    return found


def subscribe(which: str = "") -> Subscription:
    """Subscribe to changes; the first message is the current state."""
    return Subscription(_asked(messages.SUBSCRIBE, which))


def watch(which: str = "", *, raw: bool = False) -> Watch:
    """Watch the preview, which switches the camera on.

    Args:
        which: Name of the SegCam.
        raw: Watch the camera's picture with nothing hidden. Nobody else sees it; it ends after half
            a minute, and does not switch the camera on.
    """
    return Watch(_asked(messages.WATCH, which, raw=raw), raw)


def _asked(request_name: str, which: str, **fields: Any) -> Connection:
    connection = transport.connect(name=which)
    try:
        transport.send(connection, {"request": request_name, **fields})
    except BaseException:
        connection.close()
        raise
    return connection
