"""The workflow on a real Slurm: everything once, then only what is new; killed jobs come back."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cluster
import pytest
from conftest import ROOT
from running import environment, ran, snakemake
from tiny import pad

pytestmark = [
    pytest.mark.story,
    pytest.mark.long,
    pytest.mark.slurm,
    pytest.mark.skipif(bool(cluster.missing()), reason=cluster.missing()),
]

TINY = ROOT / "tests/slurm/tiny.yaml"
PROFILE = ROOT / "profiles/slurm"
HOLIDAY = "data/raw/holiday.mp4"
WEIGHTS = "resources/weights/vgg19.safetensors"


@pytest.fixture(scope="module", autouse=True)
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("cluster") / "slurm"
    try:
        cluster.start(folder)
        yield
    finally:
        cluster.stop(folder)


def empty(folder: Path) -> Path:
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "data/raw").mkdir(parents=True)
    return folder


def submit(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start the workflow on the cluster; it has no accounting, and the tests have no time."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile",
         "--directory", folder, "--workflow-profile", PROFILE, "--configfile", TINY,
         "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1",
         *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip


def finished(run: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    try:
        out, error = run.communicate(timeout=1800)
    finally:
        run.kill()
    return subprocess.CompletedProcess(run.args, run.returncode, out, error)


def slurm_jobs(folder: Path, rule: str = "") -> list[dict[str, str]]:
    """What Slurm knows of the jobs of a rule in a folder, oldest first."""
    known = cluster.slurm("scontrol", "show", "jobs", "--oneliner").splitlines()
    records = [dict(pair.split("=", 1) for pair in line.split() if "=" in pair) for line in known]
    own = [one for one in records if one.get("WorkDir") == str(folder)]
    return sorted(
        (job for job in own if job["Comment"].startswith(f"rule_{rule}")),
        key=lambda job: int(job["JobId"]),
    )


def allocated(job: dict[str, str]) -> dict[str, str]:
    """What a job really got: cpu, mem."""
    return dict(pair.split("=") for pair in job["TRES"].split(","))


@pytest.fixture(scope="module")
def project(slurm: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which jobs built everything up to predictions."""
    folder = empty(tmp_path_factory.mktemp("project"))
    jobs = ran(finished(submit(folder, "results/predictions/linear/00000.h5")))
    assert jobs["extract"] == 2
    assert jobs["train"] == 1
    on_cluster = slurm_jobs(folder)
    assert {job["JobState"] for job in on_cluster} == {"COMPLETED"}
    assert len(on_cluster) == sum(jobs.values()) - jobs["index"]
    return folder


def test_jobs_ask_for_what_the_rules_say(project: Path) -> None:
    (extract, _), (train,) = slurm_jobs(project, "extract"), slurm_jobs(project, "train")
    assert (allocated(extract)["cpu"], allocated(extract)["mem"]) == ("2", "5000M")
    assert (allocated(train)["cpu"], allocated(train)["mem"]) == ("1", "8000M")
    assert train["TimeLimit"] == "08:00:00"
    assert {job["Partition"] for job in slurm_jobs(project)} == {"cpu"}


def test_a_dropped_in_video_trains_nothing_and_all_is_there(project: Path) -> None:
    video = next((project / "data/bundled/videos").glob("*.mp4"))
    shutil.copyfile(video, project / HOLIDAY)
    pad(project / HOLIDAY)
    jobs = ran(finished(submit(project)))
    assert jobs["decode"] == jobs["predict"] == 1
    assert jobs["extract"] == 2
    assert {"synth_bundled", "weights", "train"}.isdisjoint(jobs)
    assert "holiday" in (project / "results/report/index.html").read_text()


def test_nothing_is_left_to_do_elsewhere(project: Path, tmp_path: Path) -> None:
    """Not even in a copy of what DEPLOY.md names, with a touched video."""
    for name in ("config.yaml", "data", "resources", "results", ".snakemake/metadata"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", project / name, tmp_path / name], check=True)
    (tmp_path / HOLIDAY).touch()
    assert "Nothing to be done" in snakemake(tmp_path, settings=TINY).stderr


def test_a_cancelled_job_comes_back_with_more_memory(tmp_path: Path) -> None:
    run = submit(empty(tmp_path), WEIGHTS)
    while not (running := [j for j in slurm_jobs(tmp_path) if j["JobState"] == "RUNNING"]):
        assert run.poll() is None
        time.sleep(0.2)
    cluster.slurm("scancel", running[0]["JobId"])
    assert ran(finished(run))
    first, second = slurm_jobs(tmp_path)
    assert (first["JobState"], allocated(first)["mem"]) == ("CANCELLED", "4000M")
    assert (second["JobState"], allocated(second)["mem"]) == ("COMPLETED", "8000M")


def test_a_job_that_lacks_memory_gets_it_the_second_time(tmp_path: Path) -> None:
    too_little = ("--set-resources", "weights:mem_mb=500 * attempt ** 4")
    assert ran(finished(submit(empty(tmp_path), WEIGHTS, *too_little)))
    first, second = slurm_jobs(tmp_path)
    assert "exceeded memory limit" in Path(first["StdOut"]).read_text()
    assert first["JobState"] != "COMPLETED"
    assert allocated(first)["mem"] == "500M"
    assert (second["JobState"], allocated(second)["mem"]) == ("COMPLETED", "8000M")


def test_settings_reach_the_jobs_and_ask_for_a_gpu(project: Path) -> None:
    """Of a GPU that no machine has, so that the job says what it was told."""
    words = ("--config", "runtime={device: 'cuda:99'}", "--retries", "0", "--set-resources")
    checkpoint = "results/checkpoints/linear/seed1/model.safetensors"
    run = submit(project, *words, "train:slurm_partition=gpu", "--force", checkpoint)
    assert finished(run).returncode != 0
    job = slurm_jobs(project, "train")[-1]
    assert (job["Partition"], job["TresPerJob"]) == ("gpu", "gres:gpu:1")
    assert "runtime.device = 'cuda:99'" in (project / "logs/train/linear/1.log").read_text()
