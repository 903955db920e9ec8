"""Collections of repositories: lists with a title, kept by their owner."""

import re
from typing import Any

from .accounts import check_known, check_write
from .errors import Refusal
from .hub import Hub
from .messages import Answer, Request


def create(hub: Hub, request: Request) -> Answer:
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


def details(hub: Hub, request: Request) -> Answer:
    return Answer(collection(hub, request))


def add(hub: Hub, request: Request) -> Answer:
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
