from segcam.errors import SegCamError


def test_every_part_of_the_text_ends_as_a_sentence():
    error = SegCamError("It failed", "Did you mean 'blur'?", "Try again.")
    assert str(error) == "It failed. Did you mean 'blur'? Try again."
