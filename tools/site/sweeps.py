"""The gallery: what a model answers while a parameter goes through its range, without a server.

Every sweep is one picture of 32 frames beside each other, and a slider that chooses among them.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from deepbench_hf import Recipe, simulate
from deepbench_hf.cli.explorer import views
from deepbench_hf.cli.explorer.controls import Control, controls, had
from deepbench_hf.figures.images import colours_of
from deepbench_hf.figures.labels import column_label, number_text
from deepbench_hf.simulators.base import objects_of
from deepbench_hf.tables.thumbnails import sliced

FRAMES, SIDE = 32, 128
SHAPE = "aspect-ratio:"

SCRIPT = """<script>
for (const sweep of document.querySelectorAll(".sweep")) {
  const slider = sweep.querySelector("input"), shown = sweep.querySelector("output");
  const values = sweep.dataset.values.split(";"), frame = sweep.querySelector("div");
  const move = () => {
    frame.style.backgroundPosition = `${100 * slider.value / slider.max}% 0`;
    shown.textContent = values[slider.value];
  };
  slider.addEventListener("input", move);
  move();
}
</script>"""


def sweep_files(recipe: Recipe) -> Iterator[tuple[str, bytes]]:
    """The pictures of a config's sweeps, then the HTML that shows them; nothing without sweeps."""
    boxes = []
    for control, values, frames in sweeps(recipe):
        name = f"_static/sweeps/{recipe.name}_{control.name}.png"
        yield name, strip(frames)
        height, width = frames[0].shape[:2]
        boxes.append(box(control, values, f"background-image:url({name});{SHAPE}{width}/{height}"))
    if boxes:
        yield fragment(recipe), f'<div class="sweeps">{"".join(boxes)}</div>'.encode()


def fragment(recipe: Recipe) -> str:
    """Where the HTML of a config's sweeps is."""
    return f"_static/sweeps/{recipe.name}.html"


def gallery(parts: Mapping[str, str]) -> str:
    """The page, from the HTML of each config's sweeps."""
    lines = [
        "# Gallery",
        "One parameter goes through its range, the others stay: the clean output of each model, as"
        " `simulate` gives it. Move a slider, or use the arrow keys.",
    ]
    for name, text in parts.items():
        lines += [f"## [{name}](configs/{name}.md)", text]
    return "\n\n".join([*lines, SCRIPT]) + "\n"


def one_of_each(recipes: Sequence[Recipe]) -> list[Recipe]:
    """The shortest name of every simulator that draws something; scenes have too many knobs."""
    found: dict[str, Recipe] = {}
    for recipe in sorted(recipes, key=lambda one: (len(one.name), one.name)):
        found.setdefault(recipe.simulator.kind, recipe)
    return [
        recipe
        for recipe in found.values()
        if views.outputs(recipe) and not objects_of(recipe.simulator)
    ]


def sweeps(recipe: Recipe) -> Iterator[tuple[Control, NDArray, list[NDArray]]]:
    """Each swept parameter, its values, and a frame for each."""
    split = next(iter(recipe.splits))
    known = [c for c in controls(recipe, split) if c.section == "priors"]
    own = had(recipe, {c.name: str(c.value) for c in known if c.names})
    start = {c.name: c.value for c in known if c.name in own}
    output = views.outputs(recipe)[0]
    for control in [c for c in known if c.is_slider and c.name in own]:
        values = np.linspace(control.low, control.high, FRAMES)
        values = np.round(values) if control.whole else values
        try:
            found = simulate(recipe, **{**start, control.name: values})
        except ValueError:
            continue  # a range that is for other classes, or that does not fit the others' values
        yield control, values, frames_of(recipe, output, found)


def frames_of(recipe: Recipe, output: str, found: Mapping[str, NDArray]) -> list[NDArray]:
    """A picture of each of the outputs ``(n, ...)``, all on one scale."""
    field, values = recipe.simulator.columns[output], found[output]
    if not (field.is_image or field.is_volume):
        return curves(found.get(field.against), values, column_label(output, field))
    values = np.array([sliced(one, field) for one in values])
    colours = colours_of(field, values)
    return [views.pixels(image, colours) for image in values]


def curves(x: NDArray | None, series: NDArray, label: str) -> list[NDArray]:
    """Each series, or each set of points where there is an ``x``, on the scale of all."""
    figure = Figure(figsize=(2.6, 1.6), dpi=80)
    canvas, axis = FigureCanvasAgg(figure), figure.subplots()
    places = np.broadcast_to(np.arange(series.shape[1]), series.shape) if x is None else x
    (line,) = axis.plot(places[0], series[0], "-" if x is None else ".", color="#1f4e79", lw=1.2)
    line.set_markersize(1.5)
    axis.set_xlim(*_around(places, 0.0 if x is None else 0.05))
    axis.set_ylim(*_around(series, 0.05))
    axis.set_xticks([])
    axis.locator_params("y", nbins=3)
    axis.tick_params(labelsize=7)
    axis.set_ylabel(label, fontsize=7)
    figure.subplots_adjust(0.24, 0.06, 0.98, 0.96)
    frames = []
    for k in range(len(series)):
        line.set_data(places[k], series[k])
        canvas.draw()
        frames.append(np.array(canvas.buffer_rgba())[:, :, :3])
    return frames


def _around(values: NDArray, room: float) -> tuple[float, float]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    more = room * (high - low) if high > low else 1.0
    return low - more, high + more


def strip(frames: Sequence[NDArray]) -> bytes:
    """The frames beside each other, as a PNG of few colours."""
    pictures = [Image.fromarray(frame) for frame in frames]
    height, width = frames[0].shape[:2]
    scale = max(1, SIDE // height) if height < SIDE else 1
    row = Image.new("RGB", (width * scale * len(pictures), height * scale))
    for k, picture in enumerate(pictures):
        large = picture.resize((width * scale, height * scale), Image.Resampling.NEAREST)
        row.paste(large, (k * width * scale, 0))
    file = io.BytesIO()
    row.quantize(64, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def box(control: Control, values: NDArray, style: str) -> str:
    """A picture, its slider, and the value that it stands at."""
    told = ";".join(number_text(value) for value in values)
    label = escape(control.label)
    return (
        f'<figure class="sweep" data-values="{escape(told)}">'
        f'<div style="{style}"></div>'
        f'<label>{label} <output></output><input type="range" min="0" max="{FRAMES - 1}"'
        f' value="{FRAMES // 2}" aria-label="{label}"></label></figure>'
    )
