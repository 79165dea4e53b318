"""An anonymised film: nothing shows from the first picture to the last, and the sound stays."""

import io
from collections import deque

import av
import numpy as np
import pytest

from media.anonymise.film import NoPicture, Veiler, anonymise, fit
from media.anonymise.places import Picture, Place
from media.anonymise.tracks import BACK, HOLD, Tracks
from media.anonymise.veil import veil
from tests.media.anonymise.films import detail, film, passing_by, pictures_of, sound_of
from tests.media.pictures.streets import background

FPS = 10


@pytest.mark.parametrize("kind", ["face", "plate"])
def test_what_passes_by_is_hidden_from_the_first_picture_to_the_last(kind: str) -> None:
    pictures, labels = passing_by(kind)
    out = io.BytesIO()
    made = anonymise(io.BytesIO(film(pictures, FPS)), out)
    shown = pictures_of(out.getvalue())
    assert made.pictures == made.hidden == len(shown) == len(pictures)
    for before, after, label in zip(pictures, shown, labels, strict=True):
        assert detail(after, label) < 0.35 * detail(before, label)


def test_the_sound_is_copied_as_it_is_and_no_metadata_comes_along() -> None:
    street = [background(np.random.default_rng(1))] * 12
    for form in ("webm", "mp4"):
        data, out = film(street, FPS, form), io.BytesIO()
        anonymise(io.BytesIO(data), out)
        assert sound_of(out.getvalue()) == sound_of(data)
        assert b"Martine" in data
        assert b"Martine" not in out.getvalue()
        with av.open(io.BytesIO(out.getvalue()), "r") as made:
            assert made.streams.video[0].codec_context.name == "vp8"
            assert made.duration is not None
            assert abs(made.duration / 1e6 - 1.2) < 0.1


def test_its_progress_is_told_and_whoever_hears_it_can_stop_it() -> None:
    data = film([background(np.random.default_rng(2))] * 20, FPS)
    told: list[float] = []
    anonymise(io.BytesIO(data), io.BytesIO(), told.append)
    assert told == sorted(told)
    assert told[0] < 0.2
    assert told[-1] == 1.0

    def stop(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        anonymise(io.BytesIO(data), io.BytesIO(), stop)


def test_what_is_no_film_or_has_no_picture_is_refused() -> None:
    with pytest.raises(av.FFmpegError):
        anonymise(io.BytesIO(bytes(5000)), io.BytesIO())
    sound = io.BytesIO()
    with av.open(sound, "w", format="webm") as made:
        heard = made.add_stream("libopus", rate=48_000, layout="mono")
        voice = av.AudioFrame.from_ndarray(
            np.zeros((1, 960), np.int16), format="s16", layout="mono"
        )
        voice.sample_rate = 48_000
        made.mux([*heard.encode(voice), *heard.encode(None)])
    with pytest.raises(NoPicture):
        anonymise(io.BytesIO(sound.getvalue()), io.BytesIO())


def test_a_film_that_was_cut_off_is_anonymised_as_far_as_it_goes() -> None:
    data, out = film([background(np.random.default_rng(3))] * 20, FPS), io.BytesIO()
    made = anonymise(io.BytesIO(data[: len(data) * 2 // 3]), out)
    assert 5 < made.pictures < 20
    assert len(pictures_of(out.getvalue())) == made.pictures


NOWHERE = Place(0, 0, 1, 1)


class Sometimes:
    """A detector that finds one thing at certain looks only."""

    def __init__(self, place: Place, looks: list[bool]) -> None:
        self.place = place
        self.looks = deque(looks)

    def find(self, _: Picture) -> list[Place]:
        return [self.place] if self.looks and self.looks.popleft() else []


def hidden_in(looks: list[bool], pictures: int) -> list[bool]:
    """Return in which pictures a thing is hidden that is found at these looks, one in 200 ms."""
    still = np.full((90, 160, 3), 128, np.uint8)
    still[::7] = 40
    found = Sometimes(Place(40, 30, 20, 20), looks)
    veiler = Veiler(found, Sometimes(found.place, []))
    done = []
    for number in range(pictures):
        done += veiler.put(still.copy(), 50 * number)
    return [hidden for _, _, hidden in [*done, *veiler.rest()]]


def test_a_detector_that_misses_shows_nothing_and_what_is_new_was_hidden_before() -> None:
    # It looks at each fourth picture, finds it at the sixth look, misses it thrice, finds it again.
    looks = [False] * 5 + [True, False, False, False, True] + [False] * 20
    found, again = 20, 36
    hidden = hidden_in(looks, 80)
    assert hidden.index(True) == found - BACK
    assert all(hidden[found - BACK : again + HOLD + 1])
    assert not any(hidden[again + HOLD + 1 :])


def test_a_picture_of_another_size_is_looked_at_once_and_nothing_is_forgotten() -> None:
    # It looks at each fourth picture, and at those of another size: at 14 it finds something.
    changed, again, count = 14, 18, 60
    veiler = Veiler(Sometimes(Place(40, 15, 20, 20), [False] * 4 + [True]), Sometimes(NOWHERE, []))
    done = []
    for number in range(count):
        height, width = (45, 80) if changed <= number < again else (90, 160)
        picture = np.full((height, width, 3), 128, np.uint8)
        picture[::7] = 40
        done += veiler.put(picture, 50 * number)
    hidden = [was for _, _, was in [*done, *veiler.rest()]]
    assert hidden == [changed - BACK <= at <= changed + HOLD for at in range(count)]


def test_a_small_place_that_was_hidden_hides_no_larger_one_around_it() -> None:
    tracks, grey = Tracks(), np.full((90, 160), 128, np.uint8)
    first = tracks.follow(grey, [Place(60, 40, 6, 6)])
    larger = Place(40, 20, 60, 50)
    tracks.follow(grey, [larger])
    assert any(larger.share_in(one) > 0.9 for one in first.hidden)


def test_of_a_veiled_place_only_a_few_spots_are_left() -> None:
    random = np.random.default_rng(4)
    picture = random.integers(0, 255, (120, 160, 3), np.uint8)
    before = picture.copy()
    veil(picture, [Place(-20, 10, 100, 60), Place(150, 100, 90, 90), Place(500, 500, 10, 10)])
    assert float(np.std(picture[12:68, 2:78])) < 0.15 * float(np.std(before[12:68, 2:78]))
    assert np.array_equal(picture[75:98], before[75:98])
    other = np.where(random.random((120, 160, 1)) < 0.5, before, 255 - before).astype(np.uint8)
    for one in (other, before):
        veil(one, [Place(0, 0, 160, 120)])
    # Two pictures that are far apart can hardly be told from each other any more.
    assert float(np.abs(other.astype(int) - before).mean()) < 12


def test_a_picture_of_another_size_keeps_its_shape() -> None:
    turned = np.full((160, 90, 3), 200, np.uint8)
    fitted = fit(turned, 160, 90)
    assert fitted.shape == (90, 160, 3)
    lit = np.flatnonzero(fitted[45, :, 0] > 100)
    assert 48 <= len(lit) <= 53
    assert fit(fitted, 160, 90) is fitted
