"""``python -m deepbench_hf``: the command line."""

from deepbench_hf.cli import main

main()
