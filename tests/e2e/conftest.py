"""Each test is a user of its own: what runs elsewhere, and what that user has set, is not met."""

import pytest
from support.processes import end_all_of


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Sockets, settings and logs of the test's own; the models are everybody's."""
    folder = tmp_path_factory.mktemp("user")  # not in tmp_path: tests look at all that is there
    for name in ("XDG_RUNTIME_DIR", "SEGCAM_CONFIG", "XDG_STATE_HOME"):
        (folder / name).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder / name))
    yield
    end_all_of(folder / "XDG_RUNTIME_DIR")
