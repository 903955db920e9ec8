"""Dataset cards: recipes as a README and pages for people, and as metadata for machines."""

from deepbench_hf.cards.files import card_files, card_text, card_texts, write_card
from deepbench_hf.cards.published import Published

__all__ = ["Published", "card_files", "card_text", "card_texts", "write_card"]
