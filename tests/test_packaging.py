"""Files outside the package that must keep up with it."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from snakemake.utils import update_config

from avparse import models
from avparse.cli import cli
from avparse.pipeline import targets, validate

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "DEPLOY.md", "benchmarks/README.md", "docs/design.md"]
DOCUMENTS += ["docs/features.md", "docs/models.md", "docs/exports.md", "docs/cli.md"]
DOCUMENTS += ["docs/data.md", "docs/reliability.md"]


def test_environment_has_the_same_pins() -> None:
    packages = yaml.safe_load((ROOT / "envs/avparse.yaml").read_text())["dependencies"]
    assert packages[-1]["pip"] == PROJECT["dependencies"]
    assert f"python{PROJECT['requires-python']}" in packages


def test_profiles_differ_in_where_jobs_run_not_in_what_reruns() -> None:
    """``profiles`` is a link: Snakemake looks for ``profiles/default`` beside the Snakefile."""
    profiles = (ROOT / "profiles").glob("*/config.yaml")
    values = {path.parent.name: yaml.safe_load(path.read_text()) for path in profiles}
    assert values.keys() == {"default", "gpu", "slurm"}
    shared = {key: value for key, value in values["default"].items() if key != "resources"}
    assert "max-checksum-file-size" in shared
    assert all(shared.items() <= profile.items() for profile in values.values())


@pytest.mark.parametrize("path", sorted((ROOT / "workflow/presets").glob("*.yaml")), ids=str)
def test_presets_are_valid_settings(path: Path) -> None:
    values = yaml.safe_load((ROOT / "config.yaml").read_text())
    if path.stem in ("compare", "ablations"):
        settings = targets.with_compared(validate.load({**values, "compare": str(path)}), ROOT)
        assert len(settings.experiments) > 30
        for experiment in settings.experiments.values():
            models.create(experiment.model, **experiment.options)
    else:
        update_config(values, yaml.safe_load(path.read_text()))
        assert validate.load(values).experiments


@pytest.mark.parametrize(
    "name",
    DOCUMENTS,
)
def test_documents_name_commands_and_files_that_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    code = "\n".join(re.findall(r"`[^`]+`|^    .*$", text, re.MULTILINE))  # not prose
    commands = set(re.findall(r"(?<![\w/.-])avparse ([a-z]+)\b(?! and)", code))
    assert commands <= set(cli.commands)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert all((ROOT / name).parent.joinpath(target).exists() for target in linked)


def test_rules_and_stages_have_the_same_names() -> None:
    rules = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    stages = {p.stem for p in (ROOT / "avparse/stages").glob("*.py")} - {"__init__"}
    named = set(re.findall(r"^(?:rule|checkpoint) (\w+):", rules, re.MULTILINE))
    by_hand = {"download", "parse", "compare_features", "import_checkpoint"}
    by_hand |= {"synth", "annotations", "import_features"}  # a rule for each data set
    assert stages - by_hand <= named
    called = set(re.findall(r"\"avparse (\w+) ", rules))
    assert called <= set(cli.commands)
