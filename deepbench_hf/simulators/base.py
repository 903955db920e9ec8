"""What every simulator offers: parameters with limits, fields with units, one pure call."""

from collections.abc import Mapping
from typing import Any, ClassVar

from numpy.typing import NDArray

from deepbench_hf.fields import NOTHING, Columns, Field, Parameter
from deepbench_hf.model import Model


class Simulator(Model):
    """A pure forward model; its attributes are settings that all examples share.

    A model has ``kind``, ``parameters``, ``fields`` and ``__call__``; the rest is for those with
    coordinates, with several objects in an example, with masks, or with a closed-form answer.
    """

    parameters: ClassVar[Mapping[str, Parameter]]
    """The inputs that every example has one of."""

    objects: ClassVar[Mapping[str, Parameter]] = NOTHING
    """The inputs that every object of a scene has one of."""

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """Inputs that the settings decide and every row carries, such as ``time_s``."""
        return NOTHING

    @property
    def fields(self) -> Mapping[str, Field]:
        """The clean outputs of a call."""
        raise NotImplementedError

    @property
    def outputs(self) -> Mapping[str, Field]:
        """The fields that the model is for: its arrays, or all where an example has only numbers.

        They are what noise makes observed and ``clean: false`` leaves out; other fields are labels.
        """
        arrays = {name: field for name, field in self.fields.items() if field.shape}
        return arrays or self.fields

    @property
    def object_fields(self) -> Mapping[str, Field]:
        """What a call tells of every object of a scene."""
        return NOTHING

    @property
    def layers(self) -> Mapping[str, Field]:
        """The masks and single objects that `separate` gives."""
        return NOTHING

    against: ClassVar[Mapping[str, str]] = NOTHING
    """Outputs that figures draw as points against another output, by what lies upwards."""

    needs: ClassVar[frozenset[str]] = frozenset()
    """The columns that `estimate` and `infer` take; rows that lack one have nothing of these."""

    @property
    def estimates(self) -> Mapping[str, Field]:
        """What a closed form makes of a row's measurements."""
        return NOTHING

    @property
    def optima(self) -> Mapping[str, Field]:
        """What `infer` tells; rows have it where ``uncertainty`` is on."""
        return NOTHING

    @property
    def targets(self) -> dict[str, Parameter | Field]:
        """All that noise can be put on: inputs and outputs."""
        return {**self.parameters, **self.coordinates, **self.fields}

    @property
    def most_objects(self) -> int:
        """How many objects an example has at most."""
        return 1

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Why priors that reach from low to high do not fit together; None where they do."""
        return None

    def locate(self, **parameters: NDArray) -> Columns:
        """The coordinates of ``n`` examples, ``(n, *shape)``, from parameters ``(n,)``."""
        return {}

    def __call__(self, **inputs: Any) -> Columns:
        """The fields, ``(n, *shape)``, from parameters ``(n,)`` and coordinates ``(n, *shape)``.

        Of a scene also ``objects``: records ``(n, most_objects)`` of the object fields.
        """
        raise NotImplementedError

    def estimate(self, rows: Columns) -> Columns:
        """The estimates, ``(n, *shape)``, from rows that hold all columns of ``needs``."""
        return {}

    def infer(self, rows: Columns) -> Columns:
        """The best that can be known from a row's measurements under its true parameters.

        The optima, ``(n, *shape)``, from rows that hold all columns of ``needs``.
        """
        return {}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The parameters that `derivatives` covers; none where it is not offered."""
        return ()

    @property
    def bounded(self) -> tuple[str, ...]:
        """The fields of one number whose bounds are told, too, as `derivatives` covers them."""
        return ()

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """By output and `sensitive` parameter, d(output)/d(parameter) ``(n, *shape)``, float64.

        Of the outputs of one number for an example, which follow from the parameters, only those
        of `bounded` are there.
        """
        raise NotImplementedError

    def separate(self, threshold: NDArray | None = None, **inputs: Any) -> Columns:
        """The layers, ``(n, *shape)``; ``threshold`` (n,) is the level of the noise, 0 for none."""
        return {}
