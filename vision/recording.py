"""Writing what was looked at into a video file, drawn on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from vision.annotate import annotate
from vision.detection import Detections
from vision.frame import Frame
from vision.look import Look
from vision.specs import CameraSpec

CLOCK = Fraction(1, 1000)  # frames carry their own time in milliseconds


class Recorder:
    """An H.264 mp4 of one camera's looks, with boxes and zones, at the file's own times."""

    def __init__(self, out: Path, spec: CameraSpec) -> None:
        import av

        self._container = av.open(str(out), "w", format="mp4")
        self._stream = self._container.add_stream(
            # frames come at uneven times; B-frames would need even ones for their order
            "libx264",
            rate=25,
            options={"bf": "0", "preset": "veryfast"},
        )
        self._stream.time_base = CLOCK
        self._stream.codec_context.time_base = CLOCK
        self._spec = spec
        self._size: tuple[int, int] | None = None
        self._last = -1

    def add(self, frame: Frame, look: Look | None) -> None:
        """Append a frame, with what the last look found if it was a look at this frame."""
        import av

        pts = round(frame.captured_at * 1000)
        if pts <= self._last:  # two frames of one millisecond cannot both be written
            return
        self._last = pts
        found = look.found if look and look.frame is frame else Detections.none()
        canvas = frame.image
        for zone in self._spec.zones:
            canvas = annotate(canvas, Detections.none(), zone.polygon)
        canvas = annotate(canvas, found)
        if self._size is None:
            self._size = (frame.width // 2 * 2, frame.height // 2 * 2)
            self._stream.width, self._stream.height = self._size
            self._stream.pix_fmt = "yuv420p"
        picture = av.VideoFrame.from_ndarray(canvas, format="bgr24")
        picture = picture.reformat(*self._size, format="yuv420p")
        picture.pts, picture.time_base = pts, CLOCK
        self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Finish the file."""
        if self._size is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
