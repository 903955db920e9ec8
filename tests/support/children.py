"""Python in processes of their own."""

import os
import subprocess
import sys


def python(*arguments, folder=None, **environment):
    """Python with arguments, to its end, whatever that is; variables come beside those of here."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def printed(*arguments, **options):
    """What Python with arguments, which must succeed, prints."""
    done = python(*arguments, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
