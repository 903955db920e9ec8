"""Dataset cards: recipes as a README for people, and as metadata for machines."""

from deepbench_hf.cards.files import card_files, card_texts
from deepbench_hf.cards.published import Published
from deepbench_hf.cards.writing import card_text, write_card

__all__ = ["Published", "card_files", "card_text", "card_texts", "write_card"]
