"""The cosmic microwave background, lensed by the matter in front of it."""

from deepbench_hf.simulators.cmb.maps import LensedBackground

__all__ = ["LensedBackground"]
