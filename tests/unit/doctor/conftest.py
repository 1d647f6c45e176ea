import pytest
from support.machines import RELEASE

from segcam.doctor.base import Machine


@pytest.fixture
def machine(tmp_path):
    (tmp_path / "home/anna").mkdir(parents=True)
    return Machine(
        root=tmp_path,
        release=RELEASE,
        environ={"XDG_RUNTIME_DIR": "/run/user/1000"},
        home=tmp_path / "home/anna",
        groups=frozenset({"video", "render"}),
        is_root=False,
        ask=lambda _: None,
        capabilities=lambda _: None,
        program=tmp_path / "own/segcam",
    )
