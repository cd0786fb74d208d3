"""Foreign bytes: measured from the header, decoded where they can do no harm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.errors import PictureError, PictureTimeout, PictureTooLarge, PictureUnreadable
from vision.pictures import MAX_BYTES, WORKER, Measured, Picture, PictureDesk, measure


def scene(width: int = 320, height: int = 200, channels: int = 3) -> np.ndarray:
    """Blue on the left, red on the right."""
    image = np.zeros((height, width, channels), np.uint8)
    image[:, : width // 2, 0] = 255
    image[:, width // 2 :, 2] = 255
    if channels == 4:
        image[:, :, 3] = 128
    return image


def encoded(image: np.ndarray, kind: str = ".jpg") -> bytes:
    return cv2.imencode(kind, image)[1].tobytes()


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with a minimal EXIF block that says how the camera was held, and a secret."""
    tiff = struct.pack("<2sHIHHHII", b"II", 42, 8, 1, 0x0112, 3, 1, orientation) + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff + b"GPS 22.7 114.0"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header claims a size, with whatever data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", data) + chunk(b"IEND", b"")


# 8 x 8, four components with Adobe's marker: made by hand from a grey one, all inks alike
def cmyk() -> bytes:
    grey = cv2.imencode(".jpg", np.full((8, 8), 128, np.uint8))[1].tobytes()
    tables = grey[2 : grey.index(b"\xff\xc0")]
    rest = grey[grey.index(b"\xff\xc0") :]
    huffman = rest[rest.index(b"\xff\xc4") : rest.index(b"\xff\xda")]
    adobe = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, 0)
    parts = b"".join(bytes([n, 0x11, 0]) for n in (1, 2, 3, 4))
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 20, 8, 8, 8, 4) + parts
    scan = b"\xff\xda" + struct.pack(">HB", 14, 4)
    scan += b"".join(bytes([n, 0]) for n in (1, 2, 3, 4)) + bytes([0, 63, 0])
    return (
        b"\xff\xd8"
        + tables
        + adobe
        + frame
        + huffman
        + scan
        + b"\x28\xa2\x8a\x28" * 4
        + (b"\xff\xd9")
    )


@pytest.fixture
async def desk() -> AsyncIterator[PictureDesk]:
    desk = PictureDesk(workers=1)
    await desk.start()
    yield desk
    await desk.close()


def colours(picture: Picture) -> tuple[int, int, int, int]:
    """Blue and red at the left, blue and red at the right, rounded to hundreds."""
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    left, right = image[:, : image.shape[1] // 4].mean((0, 1)), image[:, -10:].mean((0, 1))
    return tuple(round(float(v) / 100) for v in (left[0], left[2], right[0], right[2]))


@pytest.mark.parametrize(("kind", "name"), [(".jpg", "jpeg"), (".png", "png")])
def test_sizes_come_from_the_header(kind: str, name: str) -> None:
    """Nothing is decoded for it."""
    assert measure(encoded(scene(), kind)) == Measured(name, 320, 200)  # type: ignore[arg-type]  # parametrised
    progressive = cv2.imencode(".jpg", scene(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    assert measure(with_exif(progressive, 6)) == Measured("jpeg", 320, 200)


def test_claims_beyond_the_limit_are_refused_by_their_header() -> None:
    """30,000 x 30,000 in a few bytes, in either format; and 4-byte sizes that overflow."""
    jpeg = encoded(scene())
    at = jpeg.index(b"\xff\xc0") + 5
    claim = jpeg[:at] + struct.pack(">HH", 30_000, 30_000) + jpeg[at + 4 :]
    for data in (claim, png(30_000, 30_000), png(2**32 - 1, 2**32 - 1)):
        with pytest.raises(PictureTooLarge, match="40 megapixels"):
            measure(data)
    with pytest.raises(PictureTooLarge, match="bytes"):
        measure(b"\xff\xd8\xff" + bytes(MAX_BYTES))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\x00\x04ab and then nothing of the kind",
        os.urandom(2000),
        png(0, 100),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """With a reason."""
    with pytest.raises(PictureUnreadable) as raised:
        measure(data)
    assert raised.value.reason


@pytest.mark.parametrize("kind", [".jpg", ".png"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_cut_off_pictures_are_refused(kind: str, share: float) -> None:
    """An upload that broke off is no evidence."""
    noise = np.random.default_rng(3).integers(0, 255, (200, 320, 3), np.uint8)
    data = encoded(noise, kind)
    with pytest.raises(PictureUnreadable):
        measure(data[: int(len(data) * share)])


async def test_pictures_come_back_upright_and_bare(desk: PictureDesk) -> None:
    """EXIF orientation is applied, and nothing of the EXIF survives."""
    held_sideways = with_exif(encoded(cv2.rotate(scene(), cv2.ROTATE_90_COUNTERCLOCKWISE)), 6)
    assert measure(held_sideways)[1:] == (200, 320)
    picture = await desk.sanitise(held_sideways)
    assert (picture.width, picture.height) == (320, 200)
    assert colours(picture) == (3, 0, 0, 3)
    assert b"Exif" not in picture.jpeg
    assert b"GPS" not in picture.jpeg


@pytest.mark.parametrize("channels", [3, 4])
async def test_png_becomes_jpeg(desk: PictureDesk, channels: int) -> None:
    """With or without transparency."""
    picture = await desk.sanitise(encoded(scene(channels=channels), ".png"))
    assert picture.jpeg.startswith(b"\xff\xd8\xff")
    assert colours(picture) == (3, 0, 0, 3)


async def test_printers_colours_become_screen_colours(desk: PictureDesk) -> None:
    """A CMYK JPEG is a picture as well."""
    picture = await desk.sanitise(cmyk())
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image.shape == (8, 8, 3)


async def test_a_true_header_before_garbage_is_refused(desk: PictureDesk) -> None:
    """And the desk goes on working."""
    for data in (png(100, 100, b"garbage"), png(6000, 6000, zlib.compress(bytes(10)))):
        with pytest.raises(PictureUnreadable):
            await desk.sanitise(data)
    assert (await desk.sanitise(encoded(scene()))).width == 320


async def test_large_pictures_are_scaled_down(desk: PictureDesk) -> None:
    """To 4096 pixels at most: chats take no more anyway."""
    picture = await desk.sanitise(encoded(scene(5000, 1000)))
    assert (picture.width, picture.height) == (4096, 819)


async def test_a_worker_that_is_killed_is_replaced(desk: PictureDesk) -> None:
    """Somebody's picture is lost with it, the next one is not."""
    await desk.sanitise(encoded(scene()))  # while it is being started it is not at a picture yet
    (pid,) = desk.pids
    big = asyncio.create_task(desk.sanitise(encoded(scene(6000, 6000))))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(PictureUnreadable, match="broke the decoder"):
        await big
    assert (await desk.sanitise(encoded(scene()))).width == 320
    assert desk.pids != [pid]


async def test_a_worker_that_hangs_is_killed_in_time(tmp_path: Path) -> None:
    """The limit is kept, and the process is gone."""
    stuck = tmp_path / "stuck.py"
    stuck.write_text("print(end=chr(1), flush=True)\nimport sys\nsys.stdin.buffer.read()\n")
    desk = PictureDesk(time_limit_s=0.3, workers=1, worker=stuck)
    await desk.start()
    (pid,) = desk.pids
    while desk.pids:  # while it is being started it is not killed
        with pytest.raises(PictureTimeout):
            await desk.sanitise(encoded(scene()))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await desk.close()


async def test_a_worker_that_takes_long_to_start_is_let_start(tmp_path: Path) -> None:
    """On a machine that is very busy; killed, it would never be ready at all."""
    loading, go = tmp_path / "loading.py", tmp_path / "go"
    wait = f"import os, time\n    while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    loading.write_text(
        WORKER.read_text().replace("    _limit_memory()\n    sys", f"    {wait}    sys")
    )
    desk = PictureDesk(time_limit_s=0.2, workers=1, worker=loading)
    await desk.start()
    (pid,) = desk.pids
    with pytest.raises(PictureTimeout, match="still being started"):
        await desk.sanitise(encoded(scene()))
    go.touch()
    picture = None
    while picture is None:
        with contextlib.suppress(PictureTimeout):
            picture = await desk.sanitise(encoded(scene()))
        assert desk.pids == [pid]
    assert picture.width == 320
    await desk.close()


async def test_a_worker_that_does_not_start_is_not_the_pictures_fault(tmp_path: Path) -> None:
    """The alarm that it belongs to goes on without it, instead of being refused."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(1)\n")
    desk = PictureDesk(workers=1, worker=broken)
    with pytest.raises(PictureTimeout, match="does not start"):
        await desk.sanitise(encoded(scene()))
    assert desk.pids == []
    await desk.close()


async def test_memory_has_a_limit(tmp_path: Path) -> None:
    """Whatever a decoder wants, the process gets no more than its share."""
    greedy = tmp_path / "greedy.py"
    greedy.write_text(
        WORKER.read_text().replace(
            "serve(sys.stdin.buffer", "bytearray(1 << 31); serve(sys.stdin.buffer"
        )
    )
    desk = PictureDesk(workers=1, worker=greedy)
    with pytest.raises(PictureError):
        await desk.sanitise(encoded(scene()))
    await desk.close()


async def test_a_caller_that_gives_up_does_not_mix_up_pictures(desk: PictureDesk) -> None:
    """The next caller gets the own picture, not the late answer to another one."""
    given_up = asyncio.create_task(desk.sanitise(encoded(scene(4000, 4000))))
    await asyncio.sleep(0.02)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert (await desk.sanitise(encoded(scene(100, 50)))).width == 100


async def test_pictures_wait_for_a_free_worker(desk: PictureDesk) -> None:
    """More callers than workers: everyone gets the own picture."""
    sizes = range(100, 120)
    found = await asyncio.gather(*(desk.sanitise(encoded(scene(n, n))) for n in sizes))
    assert [picture.width for picture in found] == list(sizes)


async def test_a_picture_is_made_to_fit_a_thin_line(desk: PictureDesk) -> None:
    """As large as goes into so many bytes, and still a picture; a small one stays as it is."""
    noisy = encoded(np.random.default_rng(1).integers(0, 255, (720, 1280, 3), np.uint8))
    assert len(noisy) > 500_000
    for most in (80_000, 24_000):
        small = await desk.sanitise(noisy, most)
        assert len(small.jpeg) <= most
        assert small.width >= 320
        assert measure(small.jpeg)[1:] == (small.width, small.height)
    plain = await desk.sanitise(encoded(scene()), 80_000)
    assert (plain.width, plain.height) == (320, 200)
