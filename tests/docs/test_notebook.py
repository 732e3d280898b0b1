"""The example notebook, run as it stands, in a folder like that of a workflow."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient
from probe import make_checkpoint

NOTEBOOK = ROOT / "docs" / "parse.ipynb"


def test_it_holds_no_traces_of_a_machine() -> None:
    text = NOTEBOOK.read_text()
    assert not re.search(r"(?<!\.)/(home|root|tmp|usr|Users|work|mnt)\b|site-packages", text)
    assert text == nbformat.writes(nbformat.read(NOTEBOOK, 4), indent=1) + "\n"
    assert len(text.splitlines()) < 250


@pytest.mark.story
@pytest.mark.long
def test_it_runs(tmp_path: Path, make_video: Callable[..., Path]) -> None:
    videos = tmp_path / "data/bundled/videos"
    videos.mkdir(parents=True)
    for name in "abcd":
        make_video(f"{videos}/{name}.mp4", seconds=3)
    make_checkpoint(tmp_path / "results/checkpoints/han/seed1")
    (tmp_path / "docs").mkdir()
    shutil.copy(NOTEBOOK, tmp_path / "docs")
    notebook = nbformat.read(tmp_path / "docs/parse.ipynb", 4)
    NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "docs")}}
    ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"execute_result"}  # nothing on stderr
    shown = [_shown(cell) for cell in cells[1:]]
    assert "<svg" in shown[0]["text/html"]
    assert shown[0]["text/plain"].startswith("a.mp4: 3 s, ")
    assert shown[1]["text/plain"].count("Event(") == 2
    assert "<table" in shown[2]["text/html"]
    assert "Bell" in shown[3]["text/html"]
    assert "audio_visual" in shown[4]["text/html"]
    assert "image/png" in shown[5]
    assert {path.name for path in (tmp_path / "docs").iterdir()} == {"parse.ipynb"}


def _shown(cell: Any) -> dict[str, str]:
    """What a cell ends in, by format."""
    [output] = cell.outputs
    return dict(output.data)
