"""Dark matter haloes."""

from deepbench_hf.simulators.halo.haloes import HaloNFW, HaloProfile
from deepbench_hf.simulators.halo.maps import HaloMap

__all__ = ["HaloMap", "HaloNFW", "HaloProfile"]
