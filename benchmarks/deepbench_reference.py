"""What DeepBench itself makes, for tests and for the figures of docs/deepbench.md.

Runs in DeepBench's environment, in an empty folder, as every `Pendulum` writes a log there:

    python deepbench_reference.py oracles tests/oracles/deepbench.npz
    python deepbench_reference.py figures figures.npz
"""

import sys

import numpy as np
from deepbench.astro_object import GalaxyObject, StarObject
from deepbench.image import ShapeImage, SkyImage
from deepbench.physics_object import HamiltonianPendulum, Pendulum
from deepbench.shapes import Shapes

SIZE = (480, 480)
ELLIPSE = {"center": (240, 240), "width": 100, "height": 200, "fill": True, "angle": 30}
RECTANGLE = {"center": (360, 240), "width": 120, "height": 200, "line_width": 20}
STAR = ({"radius": 100.0, "amplitude": 100.0}, {"center_x": 120, "center_y": 240})
GALAXY = (
    {"radius": 30.0, "amplitude": 200.0, "ellipse": 0.8, "theta": 0.2},
    {"center_x": 240, "center_y": 360},
)
NOISE = 0.4
TIMES_S = np.linspace(0, 25, 25)
KEYS = ("pendulum_arm_length", "starting_angle_radians", "acceleration_due_to_gravity")


def pendulum(kind, length, angle, gravity, noise=(0.0, 0.0, 0.0)):
    """A pendulum of either kind."""
    values = zip(KEYS, (length, angle, gravity), strict=True)
    return kind(**dict(values), noise_std_percent=dict(zip(KEYS, noise, strict=True)))


def oracles():
    """Noiseless outputs whose meaning is not in question."""
    swing = pendulum(Pendulum, 10.0, np.pi / 4, 9.8)
    small = pendulum(Pendulum, 2.0, 0.01, 9.8)
    draw, side = Shapes((64, 64)), 60.0 / 3
    star = StarObject((32, 32), radius=3.0, amplitude=5.0)
    galaxy = GalaxyObject((32, 32), 2.0, 5.0, n=1.0, noise_level=0.0, ellipse=0.4, theta=0.5)
    return {
        "newtonian_x_m": swing.create_object(TIMES_S, noiseless=True),
        "small_x_m": small.create_object(np.linspace(0, 9, 91), noiseless=True),
        "circle": draw.create_ellipse((30, 34), 40, 40, fill=True),
        "ellipse": draw.create_ellipse((30, 34), 20, 40, angle=30, fill=True),
        "ring": draw.create_ellipse((30, 34), 48, 32, angle=20, line_width=4),
        "frame": draw.create_rectangle((30, 34), 41.3, 22.6, line_width=4.7),
        "arc": draw.create_arc((30, 34), 24.3, 20, 130, line_width=5),
        # moved so that the centre, which DeepBench displaces by radius / (2 N), is (30, 34)
        "triangle": draw.create_regular_polygon(
            (30 + side / 6, 34 + side / 6), 0.0, 3, side, fill=True
        ),
        "star": star.create_object(14.0, 12.0, alpha=3.0),
        "star_profile": star.create_Moffat_profile(14.0, 12.0, alpha=3.0),
        "galaxy": galaxy.create_object(16.0, 14.0),
        "galaxy_profile": galaxy.create_Sersic_profile(16.0, 14.0),
    }


def shape_image(noise, *shapes):
    """An image of the paper's shapes; as the pictures show it, x along a row."""
    image = ShapeImage(SIZE, object_noise_level=noise)
    return image.combine_objects([name for name, _ in shapes], [each for _, each in shapes])


def sky_image(noise, *objects):
    """An image of the paper's star and galaxy."""
    names = [name for name, _ in objects]
    parts = [[dict(parts[i]) for _, parts in objects] for i in range(2)]
    return SkyImage(SIZE, object_noise_level=noise).combine_objects(names, *parts)


def figures():
    """All panels of the paper's two figures, with its settings."""
    np.random.seed(0)  # of the Hamiltonian pendulum, which takes no other
    one, two = [("ellipse", ELLIPSE)], [("ellipse", ELLIPSE), ("rectangle", RECTANGLE)]
    star, both = [("star", STAR)], [("star", STAR), ("galaxy", GALAXY)]
    newtonian = pendulum(Pendulum, 10.0, np.pi / 4, 9.8, (0.0, 0.1, 0.1))
    clean = pendulum(HamiltonianPendulum, 10.0, np.pi / 4, 9.8)
    noisy = pendulum(HamiltonianPendulum, 10.0, np.pi / 4, 9.8, (0.1, 0.0, 0.0))
    return {
        "shapes": np.stack([shape_image(n, *what) for what in (one, two) for n in (0.0, NOISE)]),
        "sky": np.stack([sky_image(n, *what) for what in (star, both) for n in (0.0, NOISE)]),
        "newtonian_x_m": newtonian.create_object(TIMES_S, noiseless=True),
        "newtonian_noisy_x_m": newtonian.create_object(TIMES_S, noiseless=False, seed=1),
        "hamiltonian_q": clean.create_object(TIMES_S)[0],
        "hamiltonian_noisy_q": noisy.create_object(TIMES_S)[0],
    }


if __name__ == "__main__":
    made = {"oracles": oracles, "figures": figures}[sys.argv[1]]()
    smaller = {name: np.float32(values) for name, values in made.items() if values.size > 1e5}
    np.savez_compressed(sys.argv[2], **{**made, **smaller})
