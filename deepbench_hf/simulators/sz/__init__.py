"""Clusters of galaxies by the Sunyaev-Zel'dovich effect."""

from deepbench_hf.simulators.sz.cutouts import ClusterCutout

__all__ = ["ClusterCutout"]
