"""Drawing on pictures: boxes, labels, zones.

Labels are Latin letters and digits only, because OpenCV has no other glyphs; sentences in
people's own language stand beside the picture, not in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from vision.detection import Detections
from vision.frame import Image
from vision.geometry import Point

QUALITY = 85
RED, WHITE, AMBER, GREY = (40, 40, 230), (255, 255, 255), (0, 190, 255), (160, 160, 160)


def encode(image: Image, quality: int = QUALITY) -> bytes:
    """The picture as JPEG."""
    import cv2

    done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"cannot encode a picture of shape {image.shape}")
    return jpeg.tobytes()


def annotate(
    image: Image, found: Detections, polygon: Sequence[Point] = (), marked: Collection[int] = ()
) -> Image:
    """A copy with the zone and every box; tracks in `marked` are the ones that violate."""
    canvas = image.copy()
    _draw_zone(canvas, polygon)
    order = sorted(range(len(found)), key=lambda i: _track(found, i) in marked)
    for index in order:  # the violators last, so that nothing covers them
        _draw_box(canvas, found, index, RED if _track(found, index) in marked else GREY)
    return canvas


def _track(found: Detections, index: int) -> int:
    return -1 if found.track_id is None else int(found.track_id[index])


def _draw_zone(canvas: Image, polygon: Sequence[Point]) -> None:
    import cv2

    if not polygon:
        return
    rows, columns = canvas.shape[:2]
    corners = np.array([(x * columns, y * rows) for x, y in polygon], np.int32)
    tinted = canvas.copy()
    cv2.fillPoly(tinted, [corners], AMBER)
    cv2.addWeighted(tinted, 0.18, canvas, 0.82, 0, dst=canvas)
    cv2.polylines(canvas, [corners], isClosed=True, color=AMBER, thickness=_line(canvas))


def _draw_box(canvas: Image, found: Detections, index: int, colour: tuple[int, int, int]) -> None:
    import cv2

    left, top, right, bottom = (round(float(value)) for value in found.xyxy[index])
    cv2.rectangle(canvas, (left, top), (right, bottom), colour, _line(canvas))
    track = _track(found, index)
    name = found.class_name[index] + (f" {track}" if track >= 0 else "")
    _draw_label(canvas, f"{name} {found.confidence[index]:.0%}", left, top, colour)


def _draw_label(
    canvas: Image, text: str, left: int, top: int, colour: tuple[int, int, int]
) -> None:
    import cv2

    scale, thick = max(canvas.shape[0] / 900, 0.4), max(1, _line(canvas) // 2)
    (wide, tall), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    x = min(max(left, 0), max(0, canvas.shape[1] - wide))
    y = max(top, tall + base)
    cv2.rectangle(canvas, (x, y - tall - base), (x + wide, y), colour, cv2.FILLED)
    cv2.putText(
        canvas, text, (x, y - base // 2), cv2.FONT_HERSHEY_SIMPLEX, scale, WHITE, thick, cv2.LINE_AA
    )


def _line(canvas: Image) -> int:
    return max(2, canvas.shape[0] // 300)
