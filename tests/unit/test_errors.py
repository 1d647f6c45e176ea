import errno

import pytest

from segcam import errors
from segcam.errors import SegCamError


def kinds_of(kind):
    """The product's own kinds: tests make others."""
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from kinds_of(each)


def test_every_part_of_the_text_ends_as_a_sentence():
    error = SegCamError("It failed", "Did you mean 'blur'?", "Try again.")
    assert str(error) == "It failed. Did you mean 'blur'? Try again."


def test_a_reason_that_is_no_sentence_continues_the_title():
    error = SegCamError("openvino-npu cannot run here", "this machine has no NPU", "Use another.")
    assert str(error) == "openvino-npu cannot run here: this machine has no NPU. Use another."


def test_a_kind_that_is_made_elsewhere_is_not_taken_for_its_parent():
    class Late(errors.BackendFailed):
        pass

    assert type(errors.from_dict(Late("What").as_dict())) is errors.BackendFailed


def test_every_kind_is_the_same_on_the_other_side():
    kinds = list(kinds_of(SegCamError))
    assert len({kind.code for kind in kinds}) == len(kinds) > 20
    for kind in kinds:
        found = errors.from_dict(kind("What", "why", "cure").as_dict())
        assert type(found).__name__ == kind.__name__
        assert (str(found), found.exit_code) == ("What: why. cure.", kind.exit_code)


def test_what_is_no_error_is_one_all_the_same():
    assert str(errors.from_dict({"code": ["x"], "title": 3})) == "3."


@pytest.mark.parametrize(
    ("number", "cure"),
    [(errno.EFBIG, "ulimit -f"), (errno.EMFILE, "ulimit -n"), (errno.ENOSPC, "Free some")],
)
def test_a_limit_of_the_system_is_no_fault_of_segcam_s(number, cure):
    error = errors.foreign(OSError(number, "told"))
    assert error.code == "resources"
    assert cure in error.hint
