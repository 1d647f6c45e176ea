"""The user's settings: each is declared once, and its values are checked here.

Needs only the standard library, so that a client can check a value without the engine.
"""

from segcam.settings.background import (
    BACKGROUND_FORMS,
    BLUR_DEFAULT,
    Background,
    Blur,
    Color,
    NoEffect,
    Picture,
    Video,
    parse_background,
    replaces_room,
)
from segcam.settings.declared import Edges, Settings, describe, rooted, setting_named
from segcam.settings.forms import (
    CLIP_SUFFIXES,
    MAX_SIDE_PX,
    PICTURE_SUFFIXES,
    not_an_output,
    parse_rate,
    parse_size,
)
from segcam.settings.setting import Setting, Value
from segcam.settings.words import did_you_mean, shown

__all__ = [
    "BACKGROUND_FORMS",
    "BLUR_DEFAULT",
    "CLIP_SUFFIXES",
    "MAX_SIDE_PX",
    "PICTURE_SUFFIXES",
    "Background",
    "Blur",
    "Color",
    "Edges",
    "NoEffect",
    "Picture",
    "Setting",
    "Settings",
    "Value",
    "Video",
    "describe",
    "did_you_mean",
    "not_an_output",
    "parse_background",
    "parse_rate",
    "parse_size",
    "replaces_room",
    "rooted",
    "setting_named",
    "shown",
]
