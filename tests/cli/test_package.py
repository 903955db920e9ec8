"""The package as a whole: what importing costs, what is public, what the README promises."""

import inspect
import json
import re
import tomllib
from pathlib import Path

import astropy.constants
import pytest
import yaml

import deepbench_hf
from deepbench_hf import load_recipe
from deepbench_hf.recipe.recipe import GENERATOR_VERSION
from deepbench_hf.simulators import SIMULATORS
from tests.support.children import printed
from tests.support.paths import ROOT
from tools import readme as tables

TABLES = ("datasets", "pandas", "pyarrow")
LAZY = (*TABLES, "numba", "numpy", "astropy", "matplotlib", "pydantic", "scipy", "yaml")


def test_importing_loads_nothing_heavy_and_writes_nothing(tmp_path):
    code = f"""
import json, sys
import deepbench_hf
print(json.dumps([name for name in {LAZY} if name in sys.modules]))
"""
    home = tmp_path / "home"
    assert json.loads(printed("-c", code, folder=tmp_path, HF_HOME=str(home))) == []
    assert not home.exists()
    assert not list(tmp_path.iterdir())


def test_rows_need_no_tables_and_datasets_knows_us_as_soon_as_it_comes():
    code = f"""
import importlib.util, json, sys
from deepbench_hf import generate
generate("pendulum", "train", 0, 2)
early = [name for name in {TABLES} if name in sys.modules]
assert importlib.util.find_spec("datasets")  # as packages do that only ask whether it is there
import datasets
print(json.dumps([*early, datasets.load_dataset_builder("deepbench", "pendulum").config.name]))
"""
    assert json.loads(printed("-c", code)) == ["pendulum"]


def test_importing_opens_no_connection(tmp_path):
    code = """
import datasets, socket
def refuse(*arguments, **options):
    raise AssertionError("a connection was opened")
socket.socket.connect = refuse
import deepbench_hf
print(deepbench_hf.__all__)
"""
    assert "load_recipe" in printed("-c", code, folder=tmp_path, HF_HUB_OFFLINE="0")


def test_public_names_are_there_and_documented():
    assert set(deepbench_hf.__all__) <= set(dir(deepbench_hf))
    for name in deepbench_hf.__all__:
        assert inspect.getdoc(getattr(deepbench_hf, name)), name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        deepbench_hf.nonsense  # noqa: B018


def test_the_wheel_holds_every_folder_of_sources():
    root = Path(deepbench_hf.__file__).parent
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    there = {".".join(f.parent.relative_to(root.parent).parts) for f in root.rglob("__init__.py")}
    assert there <= set(listed["packages"])


def test_every_parameter_has_sane_limits():
    for simulator in SIMULATORS.values():
        for name, parameter in simulator.parameters.items():
            assert parameter.low < parameter.high, name
            if parameter.default is not None:
                assert parameter.low <= parameter.default <= parameter.high, name


def test_the_constant_of_gravitation_is_codata():
    prior = load_recipe("pendulum_hierarchical").priors["gravitational_constant_m3_kg_s2"]
    assert prior.value == pytest.approx(astropy.constants.G.value, rel=1e-12)


def blocks(file, language):
    """The code blocks of a Markdown file."""
    return re.findall(rf"```{language}\n(.*?)```", file.read_text(), re.DOTALL)


def test_the_examples_of_the_readme_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readme = ROOT / "README.md"
    recipes = [text for text in blocks(readme, "yaml") if text.startswith("# my.yaml")]
    (tmp_path / "my.yaml").write_text(recipes[0])
    scope = {}
    for code in blocks(readme, "python"):
        exec(compile(code, "README.md", "exec"), scope)
    assert scope["rows"]["index"][0] == 40_000


def test_the_tables_of_configs_are_up_to_date_and_every_link_leads_somewhere():
    assert tables.main(["--check"]) == 0, "run: make all"
    text = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / target).exists(), target


def test_versions_agree():

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert project["version"] == str(citation["version"])
    heading = rf"^## .*\(generator version {GENERATOR_VERSION}\)$"
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## {project['version']} (" in changelog
    assert re.search(heading, changelog, re.MULTILINE)
