"""The picture coach: one word about a still, the gravest fault first."""

from __future__ import annotations

from enum import StrEnum
from math import log

from media.coach.cover import ALL_OVER, cover_of
from media.coach.focus import Focus, focus_of
from media.coach.light import brightness_of, has_glare
from media.coach.stills import Stills


class Remark(StrEnum):
    """What is wrong with a picture, or nothing."""

    WELL = "well"
    COVERED = "covered"
    DARK = "dark"
    GLARE = "glare"
    BLURRED = "blurred"
    SHAKEN = "shaken"


# Weights of a logistic regression with three classes (the third, 'well', has none): of the natural
# logarithms of softest, sharpest, moved + 0.5 and changed + 0.02, and a constant. Fitted to made
# pictures of some scenes and kinds of blur; the tests measure on other scenes.
BLURRED = (-21.4, -11.3, -0.2, 0.1, 17.4)
SHAKEN = (-20.6, 0.7, 0.5, 2.6, 12.2)


def judge(stills: Stills) -> Remark:
    """Say what is wrong with a picture. Pure; what it costs stands in `docs/coach.md`.

    A picture without an edge, a plain wall, can't be told to be out of focus, and is well.
    """
    picture = stills.still
    brightness, cover = brightness_of(picture), cover_of(picture)
    if brightness.is_black or cover > ALL_OVER:
        return Remark.COVERED
    if brightness.is_dark:
        return Remark.DARK
    if has_glare(picture):
        return Remark.GLARE
    if cover:
        return Remark.COVERED
    focus = focus_of(stills)
    return _sharpness_of(focus) if focus else Remark.WELL


def _sharpness_of(focus: Focus) -> Remark:
    measures = (
        log(focus.softest),
        log(focus.sharpest),
        log(focus.moved + 0.5),
        log(focus.changed + 0.02),
        1.0,
    )
    scores = {Remark.WELL: 0.0} | {
        remark: sum(weight * one for weight, one in zip(weights, measures, strict=True))
        for remark, weights in ((Remark.BLURRED, BLURRED), (Remark.SHAKEN, SHAKEN))
    }
    return max(scores, key=scores.__getitem__)
