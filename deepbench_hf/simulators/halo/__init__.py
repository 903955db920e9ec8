"""Dark matter halos."""

from deepbench_hf.simulators.halo.maps import HaloMap
from deepbench_hf.simulators.halo.profiles import HaloNFW, HaloProfile

__all__ = ["HaloMap", "HaloNFW", "HaloProfile"]
