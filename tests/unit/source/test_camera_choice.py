from fractions import Fraction

import pytest

from segcam.errors import CameraNotFound, SourceError, UsageError
from segcam.source.cameras import CameraInfo, find_camera
from segcam.source.modes import advice, choose_mode, summary
from segcam.v4l2.device import Mode

LAPTOP = CameraInfo(0, "/dev/video0", "/dev/v4l/by-id/usb-ACME-index0", "Integrated Camera", "uvc")
INFRARED = CameraInfo(2, "/dev/video2", "", "Integrated IR Camera", "uvc")
OBS = CameraInfo(9, "/dev/video9", "", "OBS", "v4l2 loopback")
LOGI = CameraInfo(4, "/dev/video4", "", "HD Pro Webcam C920", "uvc")
ALL = [OBS, LAPTOP, INFRARED, LOGI]


@pytest.mark.parametrize(
    ("spec", "camera"),
    [
        (None, LAPTOP),  # OBS is listed first, but is no camera
        ("0", LAPTOP),
        ("2", INFRARED),
        ("/dev/video4", LOGI),
        ("/dev/v4l/by-id/usb-ACME-index0", LAPTOP),
        ("integrated camera", LAPTOP),  # the whole name beats a part of another
        ("c920", LOGI),
        ("920", LOGI),  # no index 920: part of a name
        ("obs", OBS),
    ],
)
def test_a_camera_is_found_by_every_name_it_has(spec, camera):
    assert find_camera(spec, ALL) is camera


def test_another_programs_camera_is_better_than_none():
    assert find_camera(None, [OBS]) is OBS


def test_an_ambiguous_name_lists_what_it_fits():
    with pytest.raises(UsageError, match=r"Integrated Camera.*Integrated IR Camera"):
        find_camera("integrated", ALL)


def test_an_unknown_name_lists_what_is_there():
    with pytest.raises(CameraNotFound, match="HD Pro Webcam C920"):
        find_camera("brio", ALL)
    with pytest.raises(CameraNotFound, match="Plug one in"):
        find_camera(None, [])


def test_a_camera_is_plain_json():
    assert LAPTOP.as_dict()["by_id"] == "/dev/v4l/by-id/usb-ACME-index0"
    assert LAPTOP.as_dict()["formats"] == []


def mode(fourcc: str, width: int, height: int, *rates: int) -> Mode:
    return Mode(fourcc, (height, width), tuple(map(Fraction, rates)))


WEBCAM = [
    mode("YUYV", 640, 480, 30),
    mode("YUYV", 1280, 720, 10),
    mode("YUYV", 1920, 1080, 5),
    mode("MJPG", 640, 480, 30),
    mode("MJPG", 1280, 720, 60, 30),
    mode("MJPG", 1920, 1080, 30),
]


@pytest.mark.parametrize(
    ("size", "fourcc", "chosen"),
    [
        ((720, 1280), "MJPG", (720, 1280)),
        ((480, 640), "YUYV", (480, 640)),
        ((360, 640), "YUYV", (480, 640)),
        ((1200, 1600), "MJPG", (1080, 1920)),
    ],
)
def test_mjpeg_above_vga_and_raw_below(size, fourcc, chosen):
    picked = choose_mode(WEBCAM, size, Fraction(30))
    assert (picked.fourcc, picked.size) == (fourcc, chosen)


RAW_ONLY = [
    mode("YUYV", 320, 240, 60),
    mode("YUYV", 640, 480, 30),
    mode("YUYV", 800, 600, 20),
    mode("YUYV", 1280, 720, 10),
    Mode("YUYV", (1024, 1280), (Fraction(15, 2),)),
]


@pytest.mark.parametrize(
    ("size", "rate_hz", "chosen"),
    [
        ((720, 1280), 30, (480, 640)),
        ((1080, 1920), 30, (480, 640)),
        ((720, 1280), 24, (600, 800)),  # 20 of 24 are enough, 10 are not
        ((720, 1280), 10, (720, 1280)),
        ((720, 1280), 60, (480, 640)),  # never below 640x480 for the rate's sake
        ((240, 320), 30, (240, 320)),
    ],
)
def test_the_rate_outranks_the_size_down_to_vga(size, rate_hz, chosen):
    assert choose_mode(RAW_ONLY, size, Fraction(rate_hz)).size == chosen


def test_25_hz_of_an_old_standard_count_as_30():
    modes = [mode("YUYV", 640, 480, 30), mode("YUYV", 720, 576, 25)]
    assert choose_mode(modes, (720, 1280), Fraction(30)).size == (576, 720)


@pytest.mark.parametrize(
    ("modes", "rate_hz", "said"),
    [
        (WEBCAM, 30, ""),
        (RAW_ONLY, 30, "--fps 10 would give 1280x720, at 10 per second"),
        (RAW_ONLY, 60, "--size 320x240 would give 60 per second"),
        ([mode("YUYV", 640, 480, 15)], 30, "the camera has no faster mode"),
        ([mode("MJPG", 640, 480)], 30, ""),  # it does not tell its rates: no reason to complain
    ],
)
def test_what_another_size_or_rate_would_give_is_said(modes, rate_hz, said):
    size = (720, 1280)
    chosen = choose_mode(modes, size, Fraction(rate_hz))
    assert advice(modes, chosen, size, Fraction(rate_hz)) == said


def test_h264_is_read_where_nothing_else_is_as_near():
    h264, jpeg = mode("H264", 1280, 720, 30), mode("MJPG", 1280, 720, 30)
    raw = mode("YUYV", 1280, 720, 10)
    assert choose_mode([h264, jpeg], (720, 1280), Fraction(30)) is jpeg
    assert choose_mode([h264, raw], (720, 1280), Fraction(30)) is h264
    assert choose_mode([h264], (480, 640), Fraction(30)) is h264


def test_the_faster_format_wins_at_one_size():
    modes = [mode("YUYV", 640, 480, 5), mode("MJPG", 640, 480, 30)]
    assert choose_mode(modes, (480, 640), Fraction(30)).fourcc == "MJPG"
    assert choose_mode(modes, (480, 640), Fraction(5)).fourcc == "YUYV"


def test_grey_is_taken_where_there_is_no_colour_and_only_there():
    grey, colour = mode("GREY", 1280, 720, 30), mode("YUYV", 320, 240, 15)
    assert choose_mode([grey, colour], (720, 1280), Fraction(30)) is colour
    assert choose_mode([grey], (720, 1280), Fraction(30)) is grey


def test_only_odd_formats_are_an_error_that_names_them():
    with pytest.raises(SourceError, match="Y16"):
        choose_mode([mode("Y16", 640, 480, 30)], (480, 640), Fraction(30))


def test_the_summary_names_the_largest_size_of_each_known_format():
    modes = [*WEBCAM, mode("H264", 1920, 1080, 30), mode("Y16", 640, 480, 30)]
    assert summary(modes) == (
        "YUYV up to 1920x1080",
        "MJPG up to 1920x1080",
        "H264 up to 1920x1080",
    )
