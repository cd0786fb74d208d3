"""The light engine's weights as openai-whisper loads them: every tensor, made once, whole."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.models import pulled
from tests.support.pages import ROOT
from voice.hearing.checkpoint import CHECKPOINT, checkpoint_of, converted
from voice.hearing.ct2file import read_variables

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MAKE = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; "
    "from voice.hearing.checkpoint import checkpoint_of; checkpoint_of(Path(sys.argv[1]))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The model, without a checkpoint."""
    pytest.importorskip("whisper", reason="openai-whisper comes with the extra whisper")
    model = pulled("whisper-base")
    (tmp_path / model.name).symlink_to(model)
    return tmp_path


def test_every_tensor_is_the_one_of_the_light_engine(folder: Path) -> None:
    """None is missing, none is left over, and none is another."""
    import whisper

    model: Any = whisper.load_model(str(checkpoint_of(folder)), device="cpu")
    _, expected = converted(read_variables(folder / "model.bin"))
    state = model.state_dict()
    assert state.keys() == expected.keys()
    for name, tensor in expected.items():
        np.testing.assert_array_equal(state[name].numpy(), tensor.astype(np.float32), name)


def test_it_is_made_once(folder: Path) -> None:
    """The second time it is found."""
    made = checkpoint_of(folder).stat()
    assert checkpoint_of(folder).stat() == made


def test_a_kill_while_it_is_made_leaves_none_that_is_broken(folder: Path) -> None:
    """It is there in whole, or it is made anew."""
    part = folder / f".{CHECKPOINT}.part"
    maker = subprocess.Popen([sys.executable, "-c", MAKE, str(folder)])
    deadline = time.monotonic() + 120
    while not part.exists() or part.stat().st_size < 1_000_000:
        assert maker.poll() is None, "it was made before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    maker.kill()
    maker.wait()
    assert not (folder / CHECKPOINT).exists()
    import whisper

    assert whisper.load_model(str(checkpoint_of(folder)), device="cpu").dims.n_vocab == 51865
