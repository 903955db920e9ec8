"""The verb that compares two sets of maps or series."""

from typing import Any

import click

from deepbench_hf.cli.options import CONFIG, examples, formats, image_size, seed, show
from deepbench_hf.cli.reports import aligned


@click.command(
    epilog=examples(
        "compare shapes_noisy emulated.npy -o comparison.png",
        "compare shapes_noisy:train shapes_noisy:test --rows 500",
        "compare pendulum_noisy mine.parquet --column x_observed_m --json",
    )
)
@click.argument("a", type=CONFIG)
@click.argument("b", type=CONFIG)
@click.option("--column", help="Which column of arrays.  [default: the one that both have]")
@click.option("--times", metavar="COLUMN", help="Of series.  [default: that of the recipe]")
@click.option("--rows", type=click.IntRange(2), default=1000, show_default=True, help="Of each.")
@click.option(
    "--bins", type=click.IntRange(3), default=20, show_default=True, help="Of each statistic."
)
@click.option("--periodic", is_flag=True, help="Opposite sides of the maps meet.")
@click.option("-o", "--output", metavar="FILE", help="Picture of both sets to write.")
@seed
@image_size
@formats
def compare(a: str, b: str, output: str | None, as_json: bool, quiet: bool, **options: Any) -> None:
    """Compare two sets of maps or series by their statistics.

    A and B are each a config, of which rows are made; a folder that build -o or save_to_disk wrote;
    a Parquet, .npy or .npz file of arrays; or a folder of .npy files, one map or series each.
    NAME:SPLIT and FOLDER:SPLIT name a split, else it is test. A map or series is one draw: p is
    uniform if both sets come from one distribution. The column KS p holds the least of the bins; z
    is the largest difference of means, in standard errors.
    """
    from deepbench_hf.statistics import compare as compared

    found = compared(a, b, **options)
    data = found.to_mapping()
    if output is not None:
        from deepbench_hf.figures import save_comparison

        save_comparison(found, output)
        data["file"] = output
    show(data, _text(data), _values(data), as_json, quiet)


def _text(data: dict[str, Any]) -> str:
    from deepbench_hf.statistics import p_text

    rows = [["statistic", "bins", "KS p", "max |z|", "chi2/dof", "p"]]
    for name, found in data["statistics"].items():
        chi2 = "-" if found["chi2"] is None else f"{found['chi2']:.1f} / {found['dof']}"
        z = "-" if found["z_largest"] is None else f"{found['z_largest']:.1f}"
        p = [p_text(found[key]).removeprefix("= ") for key in ("ks_p_least", "p")]
        rows.append([name, str(found["bins"]), p[0], z, chi2, p[1]])
    end = [f"p {p_text(data['p'])}: the least of all p-values, times their number"]
    file = [data["file"]] if "file" in data else []
    return "\n".join([*_sets(data), "", *aligned(rows), "", *end, *file])


def _sets(data: dict[str, Any]) -> list[str]:
    """A line for each set: where it is from, which column, how many examples of which shape."""
    parts = zip(("a", "b"), data["columns"], data["rows"], strict=True)
    shape = " x ".join(map(str, data["shape"]))
    rows = [
        [side.upper(), data[side], column, f"{rows} of {shape}"] for side, column, rows in parts
    ]
    return [line[2:] for line in aligned(rows)]


def _values(data: dict[str, Any]) -> str:
    """The p-value of everything, and those of each statistic: name, KS, mean."""
    lines = [f"p {data['p']}"]
    for name, found in data["statistics"].items():
        lines.append(f"{name.replace(' ', '_')} {found['ks_p_least']} {found['p']}")
    return "\n".join(lines)
