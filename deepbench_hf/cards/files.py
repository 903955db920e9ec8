"""All files of a card: the README, the metadata for machines, and the figures."""

from collections.abc import Sequence

from deepbench_hf.cards.croissant import CROISSANT, croissant
from deepbench_hf.cards.front_matter import data_of, read_card, tell
from deepbench_hf.cards.pictures import figures
from deepbench_hf.cards.published import Published
from deepbench_hf.cards.readme import citation, readme
from deepbench_hf.tables.manifest import README

REPOSITORY = "user/deepbench"


def card_files(
    published: Sequence[Published],
    repo_id: str | None = None,
    previous: str | None = None,
    preview: bool = True,
) -> dict[str, bytes]:
    """README.md, croissant.json and figures/*.png for a repository that holds these configs.

    A pure function: the same configs give the same bytes.

    Args:
        published: the configs, the one that is to load by default first.
        repo_id: the repository, for the card's examples; ``user/deepbench`` where there is none.
        previous: the README that is there now: other configs, other keys and other text are kept.
        preview: whether image configs that are not written yet will get a ``preview`` column.

    Raises:
        BuildError: the front matter of ``previous`` is broken.
        ValueError: no config, or one twice.
    """
    texts = card_texts(published, repo_id, previous, preview)
    return {name: text.encode() for name, text in texts.items()} | figures(published)


def card_texts(
    published: Sequence[Published],
    repo_id: str | None = None,
    previous: str | None = None,
    preview: bool = True,
) -> dict[str, str]:
    """The same without the figures: rows are made for the reference results only.

    Raises:
        BuildError: the front matter of ``previous`` is broken.
        ValueError: no config, or one twice.
    """
    names = [one.recipe.name for one in published]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"a card needs one or more configs, each once; got {', '.join(names)}")
    told = [one.with_preview() for one in published] if preview else list(published)
    where, card = repo_id or REPOSITORY, read_card(previous)
    tell(data_of(card), told)
    return {
        README: readme(card, told, where),
        CROISSANT: croissant(told, where, data_of(card), citation(where, told)),
    }
