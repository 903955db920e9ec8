"""The documentation site: the pages in docs/, and pages made from recipes and docstrings."""
