"""The command line, in this process and in one of its own."""

from click.testing import CliRunner

from deepbench_hf.cli import cli
from deepbench_hf.cli.reports import error_lines
from tests.support.children import python


def said(*arguments, **environment):
    """What a command, which must succeed, prints."""
    words = list(map(str, arguments))
    done = CliRunner().invoke(cli, words, env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def failed(*arguments):
    """The lines that the command line prints of a command that fails without a word of its own."""
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    assert (done.exit_code, done.output) == (1, ""), arguments
    return error_lines(done.exception)


def run(*arguments, **environment):
    """The command line in a process of its own."""
    return python("-c", "from deepbench_hf.cli import main; main()", *arguments, **environment)
