"""docs/cli.md is the help of every command: `python -m tests.cli.test_cli_reference` writes it."""

from click.testing import CliRunner

from deepbench_hf.cli import cli
from tests.support.commands import said
from tests.support.paths import ROOT


def test_every_command_has_help_that_ends_in_examples():
    for name in cli.commands:
        text = said(name, "--help")
        assert "Examples\n" in text
        assert text.splitlines()[-1].startswith(f"    $ deepbench-hf {name}")


def test_the_reference_of_commands_is_up_to_date():
    file = ROOT / "docs" / "cli.md"
    assert file.read_text() == reference(), "run: python -m tests.cli.test_cli_reference"


INTRODUCTION = """# The command line

The help of every command, made from `--help`.

| you want to | commands |
|---|---|
| see what there is | [list](#deepbench-hf-list), [info](#deepbench-hf-info), \
[preview](#deepbench-hf-preview), [explore](#deepbench-hf-explore) |
| write or check a recipe | [validate](#deepbench-hf-validate), [import](#deepbench-hf-import) |
| make rows | [build](#deepbench-hf-build); on many machines [plan](#deepbench-hf-plan), \
[work](#deepbench-hf-work), [status](#deepbench-hf-status), [finish](#deepbench-hf-finish) |
| score predictions, compare sets | [evaluate](#deepbench-hf-evaluate), \
[compare](#deepbench-hf-compare) |
| publish and verify | [push](#deepbench-hf-push), [card](#deepbench-hf-card), \
[verify](#deepbench-hf-verify), [digest](#deepbench-hf-digest) |
| report a bug | [env](#deepbench-hf-env) |

Results go to standard output, notes and errors to standard error. The exit code is 0 if all went
well, 1 for an error and 2 for a wrong option; `verify` has
[codes of its own](publishing.md#verify).
An error is one line for each mistake; with `HF_DEBUG=1` in the environment it is a traceback.

"""


def reference():
    """The text of ``docs/cli.md``: every command's help."""
    sections = [("deepbench-hf", ()), *((f"deepbench-hf {n}", (n,)) for n in cli.commands)]
    runner = CliRunner()
    helps = (
        (title, runner.invoke(cli, [*words, "--help"], prog_name="deepbench-hf").output)
        for title, words in sections
    )
    parts = [f"## {title}\n\n```text\n{text.rstrip()}\n```\n" for title, text in helps]
    return INTRODUCTION + "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "cli.md").write_text(reference())
