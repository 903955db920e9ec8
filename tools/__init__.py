"""Programs for those who work on the package; the Makefile runs them."""
