"""Light curves of quasars: a damped random walk, and one that is damped once more."""

from deepbench_hf.simulators.quasar.light_curves import Quasar

__all__ = ["Quasar"]
