"""What has to change in a repository so that it holds some configs: nothing more, nothing less."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from deepbench_hf.cards import card_texts
from deepbench_hf.cards.families import page_file
from deepbench_hf.cards.files import card_record
from deepbench_hf.cards.front_matter import data_of, read_card, with_config, without_configs
from deepbench_hf.cards.pictures import figure_files, figures
from deepbench_hf.errors import HubError, did_you_mean
from deepbench_hf.hub.contents import Content, other_configs
from deepbench_hf.hub.entries import row_files
from deepbench_hf.hub.loading import refuse_long, refuse_unloadable, tree_of
from deepbench_hf.hub.repository import Blob, Repository, Stored
from deepbench_hf.hub.versions import VERSIONS, history, pinned, record
from deepbench_hf.metrics.benchmarks import BENCHMARK, benchmark_text
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators import family
from deepbench_hf.tables.manifest import MANIFEST, README, RECIPES, data_files, file_hash, sealed

MOST_NAMED = 100
"""Files that a front matter names one by one."""


@dataclass(frozen=True)
class Plan:
    """The changes of one push."""

    # path in the repository, and the file or its content
    additions: dict[str, Stored | bytes] = field(default_factory=dict)
    # paths of files that earlier pushes left and that would be read
    deletions: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.additions or self.deletions)

    def lines(self) -> list[str]:
        """One line for each file."""
        added = [f"add {path} ({_size(file)} bytes)" for path, file in self.additions.items()]
        return [*sorted(added), *(f"delete {path}" for path in self.deletions)]

    def is_done_in(self, repository: Repository) -> bool:
        """Whether a repository is as this plan wants it."""
        files = repository.files
        added = all(p in files and files[p].holds(data) for p, data in self.additions.items())
        return added and not files.keys() & set(self.deletions)

    @property
    def data(self) -> dict[str, Stored]:
        """The additions that are Parquet files."""
        return {path: file for path, file in self.additions.items() if isinstance(file, Stored)}


def make_plan(
    repository: Repository,
    contents: Sequence[Content],
    delete: Sequence[str] = (),
    tag: str | None = None,
    move: bool = False,
    benchmark: bool = False,
) -> Plan:
    """The changes that bring configs into a repository, or take some away; other configs stay.

    The first of ``contents`` is to load by default, and ``tag`` to name the commit, unless there is
    one of this name that is not moved. With ``benchmark`` a file names the tasks of all configs.

    Raises:
        HubError: a config to delete is not there, or stock `datasets` could not load the result.
    """
    entries = {**repository.entries, **{c.recipe.name: c.entry for c in contents}}
    entries = {name: entry for name, entry in sorted(entries.items()) if name not in delete}
    versions = {c.recipe.name: record(c.entry) for c in contents}
    for name, known in history(repository).items():
        versions[name] = {**known, **versions.get(name, {})}
    published = [
        *(content.published for content in contents),
        *other_configs(repository, contents, delete),
    ]
    if delete and not published:
        hint = f"delete the repository itself: hf repo delete {repository.repo_id} --type dataset"
        raise HubError(f"{repository.repo_id}: no config would be left; {hint}")
    revision = pinned(repository, entries, tag, move)
    texts = {
        **{f"{RECIPES}/{c.recipe.name}.yaml": c.recipe.to_yaml() for c in contents},
        **card_texts(published, repository.repo_id, _card(repository, delete), revision=revision),
    }
    refuse_long(repository, texts[README], len(published))
    if benchmark:
        title = data_of(read_card(texts[README])).get("pretty_name") or repository.repo_id
        texts[BENCHMARK] = benchmark_text([one.recipe for one in published], str(title))
    additions: dict[str, Stored | bytes] = {}
    for content in contents:
        additions |= _missing_data(repository, content)
    additions |= _missing(repository, {name: text.encode() for name, text in texts.items()})
    deletions = {path for content in contents for path in _stale(repository, content)}
    deletions |= {path for name in delete for path in _files_of(repository, name)} - texts.keys()
    drawn = set(figure_files([one.recipe for one in published]))
    pictures = {path: told for path, told in repository.hashes.items() if path in drawn}
    if additions or deletions or drawn != pictures.keys() or not drawn <= repository.files.keys():
        # other fonts of another machine are no reason for a commit of their own
        figures = _drawn(tuple(one.recipe for one in published))
        additions |= _missing(repository, figures)
        pictures = {path: file_hash(data) for path, data in figures.items()}
    recipes = {p: file_hash(t.encode()) for p, t in texts.items() if p.startswith(RECIPES)}
    kept = {p: t for p, t in repository.hashes.items() if p.startswith(RECIPES)}
    known = {one.recipe.name for one in published}
    hashes = {**kept, **recipes, **pictures}
    manifest = {
        **repository.manifest,
        "configs": entries,
        "card": card_record(repository.repo_id, revision),
        "files": {p: t for p, t in sorted(hashes.items()) if _stays(p, known, entries)},
        VERSIONS: dict(sorted(versions.items())),
    }
    additions |= _missing(repository, {MANIFEST: sealed(manifest).encode()})
    deletions |= {path for path in repository.hashes if path not in manifest["files"]}
    plan = Plan(additions, sorted(deletions & repository.files.keys() - additions.keys()))
    if plan:
        ours = [*(content.recipe.name for content in contents), *delete]
        refuse_unloadable(repository, plan.additions, plan.deletions, ours)
    return plan


def _stays(path: str, drawn: set[str], entries: dict[str, Any]) -> bool:
    """Whether a recipe that was pushed before is still that of a config."""
    return not path.startswith(RECIPES) or Path(path).stem in drawn | entries.keys()


def _card(repository: Repository, delete: Sequence[str]) -> str | None:
    """The README so far: without configs that go, and with one that has no line there yet.

    Stock `datasets` reads files without a README as a config called ``default``; once a README
    names other configs, it must name this one too.
    """
    if delete:
        return without_configs(repository.card, delete)
    if repository.configs or not repository.files.keys() - {".gitattributes", README}:
        return repository.card
    found = tree_of(repository).configs
    if isinstance(found, Exception) or "default" not in found:
        return repository.card
    files = found["default"].files
    if sum(map(len, files.values())) > MOST_NAMED:
        hint = "name its files in the front matter of README.md first"
        raise HubError(f"{repository.repo_id}: holds files of a config without a name; {hint}")
    return with_config(repository.card, "default", files)


def _files_of(repository: Repository, name: str) -> list[str]:
    """All files of a config that goes, and the page of its family, if no other config needs it.

    Raises:
        HubError: it is not one that was pushed.
    """
    if name not in repository.entries:
        known = did_you_mean(name, repository.entries)
        raise HubError(f"{repository.repo_id}: has no config {name!r} of this package; {known}")
    rows = [path for path, _ in row_files(name, repository.entries[name])]
    try:
        page = [page_file(family(repository.entries[name]["recipe"]["simulator"]["kind"]))]
    except (KeyError, TypeError):
        page = []
    return [*rows, f"{RECIPES}/{name}.yaml", *page]


def early(repository: Repository, plan: Plan) -> dict[str, Stored]:
    """The Parquet files that may arrive before the README: no reader sees them there."""
    patterns = [p for config in repository.configs.values() for p in _patterns(config)]
    if not patterns:  # `datasets` would guess from all files
        return {}
    return {
        path: file
        for path, file in plan.data.items()
        if not any(fnmatch(path, pattern) for pattern in patterns)
    }


@lru_cache(maxsize=8)
def _drawn(recipes: tuple[Recipe, ...]) -> dict[str, bytes]:
    """The figures; another attempt, or the next of several commits, needs the same ones."""
    return figures(recipes)


def _size(file: Stored | bytes) -> int:
    return len(file) if isinstance(file, bytes) else file.blob.size


def _missing_data(repository: Repository, content: Content) -> dict[str, Stored | bytes]:
    if content.target is None:
        return {}
    return {
        path: Stored(content.target, path, Blob(*told))
        for path, told in row_files(content.recipe.name, content.entry)
        if repository.files.get(path) != Blob(*told)
    }


def _missing(repository: Repository, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that the repository does not hold as they should be."""
    held = repository.files
    return {p: data for p, data in files.items() if p not in held or not held[p].holds(data)}


def _stale(repository: Repository, content: Content) -> list[str]:
    """Files of an earlier push, and such as the README's patterns would take for rows."""
    name = content.recipe.name
    now = {path for path, _ in row_files(name, content.entry)}
    before = {f"{name}/{file}" for file in repository.entries.get(name, {}).get("files", {})}
    patterns = [told["path"] for told in data_files(name, content.recipe.splits)]
    return [
        path
        for path in repository.files
        if path not in now and (path in before or any(fnmatch(path, p) for p in patterns))
    ]


def _patterns(config: dict[str, Any]) -> list[str]:
    """The paths that a config of a README reads."""
    files = config.get("data_files", "*")
    parts = list(files.values()) if isinstance(files, dict) else files
    parts = parts if isinstance(parts, list) else [parts]
    found = [part.get("path", "*") if isinstance(part, dict) else part for part in parts]
    return [str(path) for part in found for path in (part if isinstance(part, list) else [part])]
