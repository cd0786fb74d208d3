"""Where frames come from: clocks, rates, loops and what cannot be read."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from vision.errors import SourceError, UnsupportedSource
from vision.frame import Frame
from vision.sources import PushSource, Source, open_source
from vision.sources.pan import view


def film(path: Path, frames: int = 50, fps: int = 25, codec: str = "mpeg4") -> Path:
    """A clip that gets brighter by 4 a frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for n in range(frames):
            image = np.full((48, 64, 3), 20 + 4 * n, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def times(source: Source, rate: float, most: int = 1000) -> list[float]:
    found = []
    for frame in source.frames(lambda: rate):
        found.append(round(frame.captured_at, 3))
        if len(found) == most:
            source.close()
    return found


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4")


def test_a_file_has_its_own_clock(clip: Path) -> None:
    """Start + media time, at about the wanted rate."""
    at = times(open_source(str(clip), "gate", start=1000.0), rate=5)
    assert at == [pytest.approx(1000 + n * 0.2, abs=0.03) for n in range(10)]


def test_every_frame_is_there_when_wanted(clip: Path) -> None:
    """A high rate gets them all, in order and once."""
    at = times(open_source(str(clip), "gate", start=0.0), rate=1000)
    assert at == [pytest.approx(n * 0.04, abs=0.001) for n in range(50)]


def test_the_rate_may_change_on_the_way(clip: Path) -> None:
    """Asked anew for every frame."""
    rates = iter([5.0] * 5 + [25.0] * 100)
    source = open_source(str(clip), "gate", start=0.0)
    assert len(list(source.frames(lambda: next(rates)))) > 20


def test_a_loop_goes_on_in_time(clip: Path) -> None:
    """The second pass begins where the first one ended."""
    at = times(open_source(str(clip), "gate", start=0.0, loop=True), rate=5, most=25)
    steps = np.diff(at)
    assert len(at) == 25
    assert steps.min() > 0.1
    assert steps.max() < 0.3


def test_pictures_come_as_colours(clip: Path) -> None:
    """BGR, height x width x 3."""
    frame = next(iter(open_source(str(clip), "gate").frames(lambda: 4)))
    assert frame.image.shape == (48, 64, 3)
    assert (frame.width, frame.height) == (64, 48)
    assert frame.image.mean() == pytest.approx(20, abs=6)


def test_a_gif_is_a_film(tmp_path: Path) -> None:
    """With its own clock too."""
    gif = film(tmp_path / "clip.gif", frames=20, fps=10, codec="gif")
    at = times(open_source(str(gif), "gate", start=0.0), rate=5)
    assert at == [pytest.approx(n * 0.2, abs=0.05) for n in range(10)]


def test_a_folder_shows_its_pictures_in_order(tmp_path: Path) -> None:
    """One second each, by name; other files do not disturb."""
    for name, grey in (("b.png", 200), ("a.jpg", 50)):
        cv2.imwrite(str(tmp_path / name), np.full((48, 64, 3), grey, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    frames = list(open_source(str(tmp_path), "gate", start=0.0).frames(lambda: 2))
    assert [round(f.captured_at, 2) for f in frames] == [0, 0.5, 1.0, 1.5]
    assert [round(float(f.image.mean())) for f in frames] == [50, 50, 200, 200]


def test_one_picture_is_shown_for_a_while_or_for_ever(tmp_path: Path) -> None:
    """Ten seconds, or with loop until closed."""
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((48, 64, 3), np.uint8))
    once = open_source(str(tmp_path / "a.jpg"), "gate", start=0.0)
    assert len(times(once, rate=2)) == 20
    endless = open_source(str(tmp_path / "a.jpg"), "gate", start=0.0, loop=True)
    assert len(times(endless, rate=2, most=60)) == 60


def test_a_pan_moves_over_the_picture_and_comes_back(tmp_path: Path) -> None:
    """Square views, different while it swings, alike after a whole swing."""
    gradient = np.tile(np.linspace(0, 255, 400, dtype=np.uint8), (500, 1))
    picture = cv2.cvtColor(gradient, cv2.COLOR_GRAY2BGR)
    assert view(picture, 0).shape == (720, 720, 3)
    assert view(picture, 7.5).mean() < view(picture, 0).mean() - 20
    assert view(picture, 22.5).mean() > view(picture, 0).mean() + 20
    assert np.array_equal(view(picture, 3), view(picture, 33))
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    source = open_source(f"pan:{tmp_path / 'a.png'}", "gate", start=5.0)
    assert times(source, rate=4, most=30)[-1] == pytest.approx(5 + 29 / 4)


def test_pushed_frames_come_out_in_order_and_only_newer_ones() -> None:
    """A repeated or older frame is refused; a burst keeps the newest."""
    source = open_source("push", "gate")
    assert isinstance(source, PushSource)
    image = np.zeros((4, 4, 3), np.uint8)
    accepted = [source.push(Frame("gate", at, image)) for at in (1.0, 2.0, 2.0, 1.5, 3, 4, 5, 6)]
    assert accepted == [True, True, False, False, True, True, True, True]
    source.close()
    assert [f.captured_at for f in source.frames(lambda: 4)] == [3.0, 4.0, 5.0, 6.0]
    assert not source.push(Frame("gate", 9.0, image))


def test_a_waiting_push_source_ends_when_closed() -> None:
    """Stopping must not hang on a camera that sends nothing."""
    source = PushSource("gate")
    thread = threading.Thread(target=lambda: list(source.frames(lambda: 4)))
    thread.start()
    source.close()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("spec", ["rtsp://user:secret@10.0.0.1/1", "http://10.0.0.1/a.jpg", "0"])
def test_kinds_that_cannot_be_opened_yet_say_so_without_secrets(spec: str) -> None:
    """Named by kind, so that no password gets into a log."""
    with pytest.raises(UnsupportedSource) as raised:
        open_source(spec, "gate")
    assert "secret" not in str(raised.value)


def test_unreadable_sources_are_named(tmp_path: Path) -> None:
    """Missing, empty, no video, a folder without pictures, a broken picture."""
    with pytest.raises(SourceError, match=r"nowhere\.mp4: there is no such file"):
        open_source(str(tmp_path / "nowhere.mp4"), "gate")
    (tmp_path / "noise.mp4").write_bytes(b"this is no video" * 100)
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    (tmp_path / "folder").mkdir()
    for name in ("noise.mp4", "empty.mp4", "broken.jpg", "folder"):
        with pytest.raises(SourceError, match=name):
            list(open_source(str(tmp_path / name), "gate").frames(lambda: 4))


def test_a_playlist_in_disguise_reaches_nothing_else(tmp_path: Path, clip: Path) -> None:
    """A file may not make FFmpeg open other files or hosts."""
    sneaky = tmp_path / "sneaky.mp4"
    sneaky.write_text(f"ffconcat version 1.0\nfile {clip}\n")
    with pytest.raises(SourceError, match="sneaky"):
        list(open_source(str(sneaky), "gate").frames(lambda: 4))
