"""A shape in colour before a grey background."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.shapes.shapes import Shapes

CHANNELS = ("red", "green", "blue")


class ColouredShapes(Shapes):
    """One shape of `Shapes` in colour: m c + (1 - m) b, with m the coverage of a pixel.

    Args:
        red, green, blue: c, the colour of the shape, (n,).
        background: b, the grey around it, (n,); 0 by default.
        label, center_x_px, ...: as for `Shapes`.

    Returns:
        image (n, 3, H, W) float32: red, green and blue, in [0, 1]; the rest as `Shapes`.

    Source: as `Shapes`; light of both adds up by area.
    """

    kind: Literal["shapes_colour"] = "shapes_colour"  # pyright: ignore[reportIncompatibleVariableOverride]
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **Shapes.parameters,
        **{k: Parameter("1", f"{k} of the shape", 0, 1, symbol=f"c_{k[0]}") for k in CHANNELS},
        "background": Parameter("1", "grey of the background", 0, 1, 0.0, symbol="b"),
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        told = "red, green and blue of each pixel"
        image = Field("1", told, (3, *self.image_size), "float32", channels=CHANNELS)
        return {**super().columns, "image": image}

    def __call__(self, **inputs: Any) -> Columns:
        found = super().__call__(**inputs)
        ground, ink = self._light(inputs)
        return {**found, "image": ground + found["image"][:, None] * (ink - ground)}

    @property
    def sensitive(self) -> tuple[str, ...]:
        return (*super().sensitive, *CHANNELS, "background")

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        ground, ink = (light.astype(np.float64) for light in self._light(inputs))
        moved = super().derivatives(**inputs)["image"]
        cover = super().__call__(**inputs)["image"][:, None].astype(np.float64)
        of_shape = {name: slope[:, None] * (ink - ground) for name, slope in moved.items()}
        each = np.eye(3)[:, None, :, None, None]
        of_colour = dict(zip(CHANNELS, each * cover, strict=True))
        rest = np.repeat(1.0 - cover, 3, axis=1)
        return {"image": {**of_shape, **of_colour, "background": rest}}

    def _light(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The light of the background, (n, 1, 1, 1), and of the shape, (n, 3, 1, 1)."""
        own = {name: self.parameters[name] for name in (*CHANNELS, "background")}
        row = filled(own, {name: inputs[name] for name in own if name in inputs})
        ink = np.stack([row[name] for name in CHANNELS], axis=1).astype(np.float32)
        ground = row["background"].astype(np.float32)
        return ground[:, None, None, None], ink[:, :, None, None]
