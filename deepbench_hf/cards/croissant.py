"""The metadata for machines: Croissant 1.1, a JSON-LD vocabulary of MLCommons.

Source: MLCommons, Croissant format specification, version 1.1.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huggingface_hub import DatasetCardData

from deepbench_hf.cards.published import Published, newest
from deepbench_hf.cards.tables import PREVIEW
from deepbench_hf.fields import Field
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe

CROISSANT = "croissant.json"
HUB = "https://huggingface.co/datasets"
SPDX_PAGES = "https://spdx.org/licenses"
SPDX = {
    **{"apache-2.0": "Apache-2.0", "unlicense": "Unlicense", "artistic-2.0": "Artistic-2.0"},
    **{f"cdla-{n}": f"CDLA-{n.title()}" for n in ("permissive-1.0", "permissive-2.0")},
    **{"cdla-sharing-1.0": "CDLA-Sharing-1.0", "c-uda": "C-UDA-1.0", "etalab-2.0": "etalab-2.0"},
    **{"bsd-3-clause-clear": "BSD-3-Clause-Clear", "postgresql": "PostgreSQL", "zlib": "Zlib"},
    **{"lppl-1.3c": "LPPL-1.3c", "lgpl-lr": "LGPLLR"},
    **{f"bsd-{n}-clause": f"BSD-{n}-Clause" for n in (2, 3)},
    **{"odc-by": "ODC-By-1.0", "odbl": "ODbL-1.0", "pddl": "PDDL-1.0"},
}
"""Licences whose SPDX name is not the Hub's in capitals."""
NO_SPDX = ("other", "unknown", "cc", "bsd", "gfdl", "gpl", "lgpl")
NO_HASH = "https://github.com/mlcommons/croissant/issues/80"
"""What a repository has in place of the sha256 of a file, as its commit names its content."""

TERMS = (
    *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field"),
    *("fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset"),
    *("jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{term: f"cr:{term}" for term in TERMS},
}

TYPES = {
    **{name: f"cr:{name.capitalize()}" for name in ("float32", "float64")},
    **{name: f"cr:{name.capitalize()}" for name in ("int16", "int64")},
    **{"bool": "sc:Boolean", "string": "sc:Text"},
}


def croissant(
    published: Sequence[Published], repo_id: str, data: DatasetCardData, cite: str
) -> str:
    """The text of ``croissant.json``: files, and every field with its unit and meaning."""
    recipes = sorted((one.recipe for one in published), key=lambda recipe: recipe.name)
    said = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": repo_id.split("/")[-1],
        "description": "; ".join(f"{r.name}: {r.description}" for r in recipes),
        "url": f"{HUB}/{repo_id}",
        "license": _license(data),
        "keywords": data["tags"],
        "version": newest(published),
        "citeAs": cite,
        "creator": _creators(recipes),
        "isLiveDataset": False,
        "distribution": [_repository(repo_id), *map(_files, recipes)],
        "recordSet": [part for recipe in recipes for part in (_splits(recipe), _rows(recipe))],
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _creators(recipes: Sequence[Recipe]) -> list[dict[str, str]]:
    """The authors of recipes of their own, and whoever made the others."""
    own = [author for recipe in recipes if recipe.card for author in recipe.card.authors]
    people = [{"@type": "sc:Person", "name": name} for name in dict.fromkeys(own)]
    ours = {"@type": "sc:Organization", "name": "The deepbench_hf developers"}
    alone = people and all(recipe.card for recipe in recipes)
    return people if alone else [*people, ours]


def _license(data: DatasetCardData) -> str | list[str]:
    """The page of each licence, by its SPDX name; the Hub writes names in small letters."""
    told = data["license"]
    names = [told] if isinstance(told, str) else told
    found = [
        name if name in NO_SPDX else f"{SPDX_PAGES}/{SPDX.get(name, name.upper())}"
        for name in names
    ]
    return found[0] if len(found) == 1 else found


def _node(kind: str, place: str, meaning: str) -> dict[str, Any]:
    """The begin of a file, a set of records or a field: its type, its name and what it is."""
    return {"@type": f"cr:{kind}", "@id": place, "name": place, "description": meaning}


def _repository(repo_id: str) -> dict[str, Any]:
    return {
        **_node("FileObject", "repository", "the repository that holds the files"),
        "contentUrl": f"{HUB}/{repo_id}",
        "encodingFormat": "git+https",
        "sha256": NO_HASH,
    }


def _files(recipe: Recipe) -> dict[str, Any]:
    return {
        **_node("FileSet", f"{recipe.name}/files", f"the Parquet files of {recipe.name}"),
        "containedIn": {"@id": "repository"},
        "encodingFormat": "application/x-parquet",
        "includes": f"{recipe.name}/*.parquet",
    }


def _splits(recipe: Recipe) -> dict[str, Any]:
    """The splits, as a set of records of their own."""
    name = f"{recipe.name}/splits"
    return {
        **_node("RecordSet", name, f"the splits of {recipe.name}"),
        "dataType": "cr:Split",
        "key": {"@id": f"{name}/name"},
        "field": [_named(f"{name}/name", "name of the split", "sc:Text")],
        "data": [{f"{name}/name": split} for split in recipe.splits],
    }


def _rows(recipe: Recipe) -> dict[str, Any]:
    columns = {name: column.field for name, column in schema(recipe).items()}
    fields = [_field(recipe, name, field) for name, field in columns.items()]
    every = [_split(recipe), *fields, *_preview(recipe)]
    return {**_node("RecordSet", recipe.name, recipe.description), "field": every}


def _split(recipe: Recipe) -> dict[str, Any]:
    """The split of a row, which its file's name tells."""
    names = "|".join(recipe.splits)
    place = {"fileProperty": "fullpath"}
    regex = f"(?:.*/)?({names})(?:-[^/]*)?$"  # of a path, or a split's name as it is
    source = {**_from(recipe, place), "transform": {"regex": regex}}
    return {
        **_named(f"{recipe.name}/split", "split of the row", "sc:Text"),
        "source": source,
        "references": {"field": {"@id": f"{recipe.name}/splits/name"}},
    }


def _field(recipe: Recipe, name: str, field: Field) -> dict[str, Any]:
    found = _column(f"{recipe.name}/{name}", field)
    source = _from(recipe, {"column": name})
    if not field.fields:
        return {**found, "source": source}
    parts = [
        {
            **_column(f"{recipe.name}/{name}/{part}", inner),
            "source": {**source, "transform": {"jsonPath": part}},
        }
        for part, inner in field.fields.items()
    ]
    return {**found, "subField": parts}


def _column(place: str, field: Field) -> dict[str, Any]:
    """A field without its source: its meaning and unit, its type, and its shape."""
    unit = "" if field.unit == "1" else f", in {field.unit}"
    classes = ", ".join(f"{number} = {name}" for number, name in enumerate(field.names))
    meaning = f"{field.meaning}{unit}" + (f" ({classes})" if classes else "")
    if field.fields:
        return {**_named(place, meaning), "isArray": True, "arrayShape": "-1"}
    found = _named(place, meaning, TYPES[field.type_name])
    if field.shape:
        found |= {"isArray": True, "arrayShape": ",".join(map(str, field.shape))}
    return found


def _preview(recipe: Recipe) -> Iterator[dict[str, Any]]:
    if recipe.preview:
        source = {**_from(recipe, {"column": "preview"}), "transform": {"jsonPath": "bytes"}}
        named = _named(f"{recipe.name}/preview", PREVIEW.meaning, "sc:ImageObject")
        yield {**named, "source": source}


def _from(recipe: Recipe, extract: Mapping[str, str]) -> dict[str, Any]:
    return {"fileSet": {"@id": f"{recipe.name}/files"}, "extract": dict(extract)}


def _named(place: str, meaning: str, data_type: str = "") -> dict[str, Any]:
    return _node("Field", place, meaning) | ({"dataType": data_type} if data_type else {})
