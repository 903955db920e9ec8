"""Dark matter haloes."""

from deepbench_hf.simulators.halo.haloes import HaloMap, HaloNFW, HaloProfile

__all__ = ["HaloMap", "HaloNFW", "HaloProfile"]
