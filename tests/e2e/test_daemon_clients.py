"""The view of clients of a running SegCam, also of many at once."""

import json
import threading
import time
from pathlib import Path

import cv2
from support.daemons import (
    GREEN,
    LIMIT_S,
    home,
    running,
    segcam,
    shown,
)
from support.waiting import wait_for, wait_until

from segcam.api import client, transport
from segcam.api.messages import Counters, State
from segcam.api.preview import Preview
from segcam.zoo.library import DEFAULT

__all__ = ["home", "running"]


def test_subscribers_hear_changes_and_the_end(running):
    with client.subscribe() as news:
        assert isinstance(news.read(), State)
        client.change({"background": "blur:7"})
        told = wait_for(lambda: next((n for n in news if isinstance(n, State)), None))
        assert told.background == "blur:7"
        wait_for(lambda: next((n for n in news if isinstance(n, Counters)), None))
        client.stop()
        assert list(news)[-1:] is not None, "it ends instead of hanging"
    assert running.wait(LIMIT_S) == 0


def test_a_client_may_end_a_subscription_from_another_thread(running):
    news, ended = client.subscribe(), threading.Event()

    def listen():
        for _ in news:
            pass
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(0.5)
    news.close()
    assert ended.wait(LIMIT_S)


def test_the_preview_is_its_users_alone_and_costs_nothing_otherwise(running):
    assert client.status().viewers == []
    with client.watch() as watching, Preview(watching.path) as preview:
        assert Path(watching.path).stat().st_mode & 0o777 == 0o600
        wait_until(lambda: preview.serial > 3)
        assert "preview" in client.status().viewers
        first = preview.read()
        assert len(first[3]) == first[1] * first[2] * 3
    with Preview(watching.path) as preview:
        wait_until(lambda: preview.serial == 0)
        time.sleep(0.5)
        assert preview.read() is None, "nobody watches"
    wait_until(lambda: "preview" not in client.status().viewers)


def test_watch_counts_pictures_and_writes_one(running, tmp_path):
    done = segcam("watch", "--duration", "2.5")
    assert done.returncode == 0
    assert "pictures per second, 320x180" in done.stderr
    assert segcam("watch", "--png", "seen.png", cwd=tmp_path).returncode == 0
    picture = cv2.imread(str(tmp_path / "seen.png"))
    assert picture.shape == (180, 320, 3)


def test_lists_are_told_to_clients(running):
    names = [setting["name"] for setting in client.describe()]
    assert names[:2] == ["camera", "background"]
    assert any(model["name"] == DEFAULT for model in client.models())
    assert isinstance(client.cameras(), list)
    bundled = [each for each in client.backgrounds() if each["bundled"]]
    assert bundled
    assert client.change({"background": bundled[0]["value"]}).background == bundled[0]["value"]


def test_a_hundred_clients_disturb_no_picture(running):
    with client.watch() as watching, Preview(watching.path) as preview:
        wait_until(lambda: shown(preview, GREEN))
        half_open = [transport.connect() for _ in range(100)]
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(client.status())) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_S)
        assert len(answers) == 20
        before = preview.serial
        wait_until(lambda: preview.serial > before + 5)
        for connection in half_open:
            connection.close()


def test_the_status_is_json_that_any_program_reads(running):
    values = json.loads(segcam("status", "--json").stdout)
    assert State.from_dict(values).phase == "live"
