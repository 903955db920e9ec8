"""The memory of rows that nobody uses any more is used for the next ones."""

from functools import lru_cache

import numpy as np

LARGE = 30 << 20
"""Bytes of a block that glibc remembers: it looks at none above 32 MB."""


@lru_cache
def keep_memory() -> None:
    """Let the C library of this process keep what is freed, up to twice `LARGE`.

    glibc gives freed memory back to the system where it is more than twice the largest block that
    it was ever given back in one piece. What comes anew is zeroed page by page: 1 of 11 us of an
    image of 64 x 64 pixels in a stream, half of the time of maps that take megabytes on the way. A
    large block that nobody touches costs nothing; other C libraries take no notice.

    Source: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    np.empty(LARGE, np.uint8)
