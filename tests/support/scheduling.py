"""Which tests one of several workers runs, one after the other."""

from xdist.scheduler import LoadScopeScheduling

COMPUTING = ("architecture", "contract", "models", "unit")
"""Folders of tests that need a processor. The others wait for programs most of the time."""


class ProgramsByFile(LoadScopeScheduling):
    """Gives a file's tests that drive programs to one worker: they share what the file starts."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file.split("/")[1] in COMPUTING else file
