"""People, repositories, branches, tags and collections: what is not about files."""

import re
from typing import Any

from .accounts import check_known, check_write
from .cards import problems
from .hub import Hub
from .messages import Answer, Refusal, Request, revision_not_found
from .repository import MAIN, Repository


def whoami(hub: Hub, request: Request) -> Answer:
    return Answer(check_known(hub.bearer(request)).whoami())


def validate_yaml(hub: Hub, request: Request) -> Answer:
    """Check the front matter of a README."""
    asked = request.json()
    errors, warnings = problems(asked["content"], f"{asked['repoType']}s")
    said = {
        "errors": [{"message": message} for message in errors],
        "warnings": [{"message": message} for message in warnings],
    }
    return Answer(said, 400 if errors else 200)


def named(hub: Hub, request: Request) -> tuple[str, str, str]:
    """Return kind, namespace and name of the repository that a body speaks of."""
    asked = request.json()
    namespace = asked.get("organization") or check_known(hub.bearer(request)).user
    return f"{asked.get('type') or 'model'}s", namespace, asked["name"]


def create(hub: Hub, request: Request) -> Answer:
    kind, namespace, name = named(hub, request)
    full, asked = f"{namespace}/{name}", request.json()
    refused = (
        f'You don\'t have the rights to create a {kind[:-1]} under the namespace "{namespace}"'
    )
    bearer = check_write(hub.bearer(request), namespace, refused)
    url = f"{hub.url}/{kind}/{full}".replace("/models/", "/")
    if (kind, full) in hub.repositories:
        raise Refusal(409, f"You already created this {kind[:-1]} repo: {full}", url=url)
    private = asked.get("visibility") == "private" or bool(asked.get("private"))
    stored = Repository(kind, full, private=private, author=bearer.user)
    hub.repositories[kind, full] = stored
    return Answer({"url": url, "name": full, "id": stored.refs[MAIN][:24]})


def writable(hub: Hub, request: Request) -> Repository:
    repository = hub.repository(request)
    check_write(hub.bearer(request), repository.owner)
    return repository


def auth_check(hub: Hub, request: Request) -> Answer:
    if request.groups["write"]:
        writable(hub, request)
    hub.repository(request)
    return Answer({})


def branch(hub: Hub, request: Request) -> Answer:
    repository, ref = writable(hub, request), f"refs/heads/{request.revision}"
    start = repository.resolve(request.json().get("startingPoint") or "main")
    return add(repository, ref, start.id)


def tag(hub: Hub, request: Request) -> Answer:
    repository = writable(hub, request)
    ref = f"refs/tags/{request.json()['tag']}"
    return add(repository, ref, repository.resolve(request.revision).id)


def untag(hub: Hub, request: Request) -> Answer:
    return remove(writable(hub, request), f"refs/tags/{request.revision}")


def add(repository: Repository, ref: str, commit: str) -> Answer:
    if ref in repository.refs:
        raise Refusal(409, f"Reference already exists: {ref}")
    repository.refs[ref] = commit
    return Answer({})


def remove(repository: Repository, ref: str) -> Answer:
    if ref not in repository.refs:
        raise revision_not_found(ref)
    del repository.refs[ref]
    return Answer({})


def create_collection(hub: Hub, request: Request) -> Answer:
    """Make a collection; its slug is owner, title and a number."""
    asked, bearer = request.json(), check_known(hub.bearer(request))
    owner = asked["namespace"]
    check_write(bearer, owner)
    for slug, found in hub.collections.items():
        if (found["title"], found["owner"]["name"]) == (asked["title"], owner):
            raise Refusal(409, "A collection with this title exists", slug=slug)
    title = re.sub(r"[^a-z0-9]+", "-", asked["title"].lower())
    slug = f"{owner}/{title}-{len(hub.collections):024x}"
    hub.collections[slug] = {
        **{"slug": slug, "title": asked["title"], "owner": {"name": owner}, "items": []},
        **{"lastUpdated": "2026-01-01T00:00:00.000Z", "position": 0, "upvotes": 0},
        **{"private": bool(asked.get("private")), "theme": "blue", "description": None},
    }
    return Answer(hub.collections[slug])


def collection_details(hub: Hub, request: Request) -> Answer:
    return Answer(collection(hub, request))


def add_item(hub: Hub, request: Request) -> Answer:
    """Put a repository into a collection, once."""
    found = collection(hub, request)
    check_write(check_known(hub.bearer(request)), found["owner"]["name"])
    item = request.json()["item"]
    if (f"{item['type']}s", item["id"]) not in hub.repositories:
        raise Refusal(404, "There is no such repository")
    if item["id"] in [one["id"] for one in found["items"]]:
        raise Refusal(409, "The collection has this item")
    position = len(found["items"])
    found["items"].append({**item, "_id": f"{position:024x}", "position": position})
    return Answer(found)


def collection(hub: Hub, request: Request) -> dict[str, Any]:
    slug = request.groups["slug"]
    if slug not in hub.collections:
        raise Refusal(404, f"There is no collection {slug}")
    return hub.collections[slug]
