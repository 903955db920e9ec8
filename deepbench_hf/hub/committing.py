"""Bringing a repository to what it should be: one commit, or several where one is too small."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import CommitInfo

from deepbench_hf.errors import HubError
from deepbench_hf.hub.plan import Plan, early
from deepbench_hf.hub.repository import Repository, Stored, read_repository
from deepbench_hf.tables.manifest import INCOMPLETE, MANIFEST, README


@dataclass(frozen=True)
class Limits:
    """What one commit should hold at most."""

    files: int = 250  # how many
    size: int = 50 * 10**9  # bytes of all of them


LIMITS = Limits()

IN_PARTS = Limits(files=50, size=10 * 10**9)
"""The same for files of a build on many machines: each commit's are copied to this one first."""


@dataclass(frozen=True)
class Pushed:
    """What a push did, or with ``dry_run`` would do.

    Args:
        repo_id: the repository.
        url: the page of the commit, or of the pull request.
        commit: the commit that holds the configs; None where there is none yet.
        changed: whether anything was, or would be, sent.
        configs: the names that were pushed.
        operations: one line for each file of the last commit.
        tag: the tag that names the commit.
        note: why there is none.
    """

    repo_id: str
    url: str
    commit: str | None
    changed: bool
    configs: list[str]
    operations: list[str] = field(default_factory=list)
    tag: str | None = None
    note: str | None = None

    def text(self, dry_run: bool) -> str:
        """The same for people."""
        names = ", ".join(self.configs)
        if not self.changed:
            head = f"{self.repo_id} holds {names} as they are: nothing to send"
        else:
            head = f"{names}: {'would go to' if dry_run else 'are in'} {self.url}"
        lines = self.operations if dry_run else []
        told = [f"tag {self.tag}"] if self.tag else [self.note] if self.note else []
        return "\n".join([head, *lines, *told])


@dataclass
class Publication:
    """One push to one repository; `step` is done again until it gives something."""

    api: HfApi  # the client
    repo_id: str  # the repository
    # refuses what must not go into a repository as it is at the moment, before it is made or filled
    refuse: Callable[[Repository], None]
    plan: Callable[[Repository], Plan]  # says what is to change in it
    configs: list[str]  # the names of those that are pushed
    message: str  # the commit's title
    revision: str | None = None  # a branch; None for `main`
    private: bool | None = None  # whether a repository that is made is private
    create_pr: bool = False  # whether to open a pull request instead
    limits: Limits = LIMITS  # when shards go first
    tried: bool = False

    def step(self) -> Pushed | None:
        """The next commit, on top of whatever has happened meanwhile; None if more are to come."""
        repository = self._read()
        if repository.head is None or repository.missing_branch:
            repository = self._made(repository)
        elif not self.create_pr and not self.tried:
            self.api.auth_check(self.repo_id, repo_type="dataset", write=True)
        plan = self.plan(repository)
        if not plan:  # also when the answer to our commit was lost
            url = self._url(f"/commit/{repository.head}")
            return self._pushed(url, repository.head, self.tried)
        if self.create_pr and self.tried and (landed := self._lost_pull_request(plan)):
            return landed
        first = Plan() if self.create_pr else self._first(repository, plan)
        info = self._commit(repository, first or plan)
        if info.oid == repository.head:
            raise HubError(f"{self.repo_id}: does not take the files; is there a .gitignore?")
        url = info.pr_url or info.commit_url
        return None if first else self._pushed(url, info.oid, True, plan)

    def foreseen(self) -> Pushed:
        """What `step` would do; nothing is written."""
        repository = self._read()
        plan = self.plan(repository)
        return self._pushed(self._url(), repository.head, bool(plan), plan)

    def _pushed(
        self, url: str, commit: str | None, changed: bool, plan: Plan | None = None
    ) -> Pushed:
        lines = plan.lines() if plan else []
        return Pushed(self.repo_id, url, commit, changed, self.configs, lines)

    def _read(self) -> Repository:
        """The repository as it is, if it may take what is pushed and is as private as asked for."""
        repository = read_repository(self.api, self.repo_id, self.revision)
        if repository.head and self.private not in (None, repository.private):
            now = "private" if repository.private else "public"
            hint = "change that on its page, in Settings, or push without this option"
            raise HubError(f"{self.repo_id}: is {now} already; {hint}")
        self.refuse(repository)
        return repository

    def _made(self, repository: Repository) -> Repository:
        """The repository, and the branch, made."""
        if repository.head is None:
            self.api.create_repo(
                self.repo_id, repo_type="dataset", private=self.private, exist_ok=True
            )
            repository = self._read()  # others may have been faster
        if repository.missing_branch and self.revision:
            self.api.create_branch(
                self.repo_id, repo_type="dataset", branch=self.revision, exist_ok=True
            )
        return replace(repository, missing_branch=False)

    def _first(self, repository: Repository, plan: Plan) -> Plan:
        """What must go before the rest, if all of it is more than one commit should hold."""
        size = sum(file.blob.size for file in plan.data.values())
        if len(plan.data) <= self.limits.files and size <= self.limits.size:
            return Plan()
        if repository.files.keys() <= {".gitattributes"}:
            return Plan({README: INCOMPLETE.encode()})
        return Plan(dict(_filling(early(repository, plan), self.limits)))

    def _commit(self, repository: Repository, plan: Plan) -> CommitInfo:
        """Send large files, those that the Hub has already left out, and then the commit."""
        deletions = [CommitOperationDelete(path) for path in plan.deletions]
        before, self.tried = self.tried, True
        try:
            with TemporaryDirectory(prefix="deepbench-hf-") as folder:
                files = sorted(plan.additions.items())
                additions = [_addition(path, file, Path(folder)) for path, file in files]
                return self.api.create_commit(
                    self.repo_id,
                    [*additions, *deletions],
                    commit_message=self.message,
                    repo_type="dataset",
                    revision=self.revision,
                    create_pr=self.create_pr,
                    parent_commit=repository.head,
                )
        except HfHubHTTPError as error:
            self.tried = before or error.response.status_code >= 500  # else it did not land
            raise

    def _lost_pull_request(self, plan: Plan) -> Pushed | None:
        """A pull request that an earlier attempt opened without hearing of it."""
        refs = self.api.list_repo_refs(
            self.repo_id, repo_type="dataset", include_pull_requests=True
        )
        for ref in refs.pull_requests or []:
            repository = read_repository(self.api, self.repo_id, ref.ref)
            if plan.is_done_in(repository):
                number = ref.ref.rsplit("/", 1)[-1]
                return self._pushed(self._url(f"/discussions/{number}"), repository.head, True)
        return None

    def _url(self, page: str = "") -> str:
        return f"{self.api.endpoint}/datasets/{self.repo_id}{page}"


def _addition(path: str, file: Stored | bytes, folder: Path) -> CommitOperationAdd:
    """A file to send.

    Raises:
        HubError: it is not what the build wrote there.
    """
    if isinstance(file, bytes):
        return CommitOperationAdd(path, file)
    addition = CommitOperationAdd(path, file.local(folder))
    info = addition.upload_info  # the client has read all of it
    if (info.size, info.sha256.hex()) != (file.blob.size, file.blob.digest):
        what = f"is not the file that {MANIFEST} tells of; remove it and build it again"
        raise HubError(f"{file.shown}: {what}")
    return addition


def _filling(files: dict[str, Stored], limits: Limits) -> Iterator[tuple[str, Stored]]:
    """The first files, as many as one commit should hold, and at least one."""
    size = 0
    for number, (path, file) in enumerate(islice(sorted(files.items()), limits.files)):
        size += file.blob.size
        if number and size > limits.size:
            return
        yield path, file
