"""What has another meaning here than in DeepBench 0.2.3, one sentence for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A changed meaning.

    Args:
        where: the entry of the file that it is about.
        kind: ``corrected`` if DeepBench does it wrong, ``approximated`` if a recipe cannot say the
            same exactly, ``dropped`` if the entry decides nothing here.
        law: what holds here, and what DeepBench does.
    """

    where: str
    kind: str
    law: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.law}"


# fmt: off
SENTENCES = {
    "corrected": {
    "seed": "every row has draws of its own, and 0 is a seed; DeepBench makes copies of one object",
    "unreachable": "this object is made; DeepBench's collections cannot reach it",
    "default": "what is left out is drawn anew for every row; DeepBench draws it once, on import",
    "motion": "the motion is exact at every angle; DeepBench uses the small-angle formula, whose"
    " period is too short (simulator: {kind: pendulum_small_angle} gives it)",
    "parameter draw": "a noisy parameter is drawn once for a row, which then moves by it;"
    " DeepBench draws it anew at every time, and no pendulum moves like that",
    "positive": "draws below a hundredth of the value are not used, so that lengths and masses"
    " stay above zero; DeepBench gives NaN",
    "drawn once": "G and Phi are drawn once; DeepBench draws around what it has drawn, sqrt(2)"
    " times as strong",
    "jitter of parameters": "length, angle and gravity are drawn from [value, value + noise) once"
    " for a row; DeepBench moves the times instead",
    "friction": "friction acts: theta'' = -b theta' - (g / L) sin(theta), in 1/s; DeepBench leaves"
    " it out",
    "whole times": "whole numbers are times like others; for them DeepBench rounds the parameters"
    " down, and an angle below 1 becomes 0",
    "start": "the motion starts at rest at the given angle; DeepBench starts at a random one and"
    " never reads it",
    "energy": "H = p^2 / (2 m L^2) + m g L (1 - cos q); DeepBench has L^2 p^2 / (2 m), which is"
    " right for L = 1 only",
    "phase noise": "noise of 0.1 rad on q and of 0.1 kg m2/s on p comes from the seed, beside"
    " clean q, p and derivatives; DeepBench adds it without one, and mixes noisy with clean",
    "noiseless": "there is no noise; DeepBench's Hamiltonian pendulum has noise of 0.1 all the"
    " same",
    "image noise": "every image has noise of its own; DeepBench adds the same field to all of them",
    "shot noise": "photons of object and background are counted and the mean background is"
    " subtracted: variance follows the signal; DeepBench adds a Poisson pedestal that does not"
    " know it",
    "jitter of places": "every object's centre moves by a draw of its own from [0, noise) px along"
    " x and y; DeepBench moves all objects alike, and fails on parameters that are one number",
    "object and instance": "both are used; DeepBench drops what shapes have under object",
    "axes": "an image is image[y, x]; DeepBench's shapes are image[x, y]",
    "coverage": "a pixel is the share of it that the shape covers; DeepBench tests one point of"
    " it, and thin lines vanish",
    "union": "where shapes overlap the image stays 1, and the later one lies above; DeepBench adds"
    " to 2",
    "polygon": "the centre is the centre; DeepBench moves it by radius / (2 N) along x and y",
    "degrees": "degrees, as documented; DeepBench reads them as radians",
    "wall": "the outline is as thick as asked; DeepBench's is cos(pi / N) of it, and uneven",
    "turned": "a rectangle turns about its centre; DeepBench's about its corner",
    "filled": "a filled rectangle has the sides that are asked for; DeepBench's are larger by"
    " line_width",
    "thick": "an outline thicker than the shape is solid; DeepBench leaves a hole in it",
    "real axes": "axes are real numbers; DeepBench rounds them up",
    "line": "the stroke lies along the line from start to end; DeepBench mirrors lines that fall,"
    " and shifts all of them",
    "light": "light is in units of the brightest object's peak, so that fluxes are labels and keep"
    " their ratios; DeepBench stretches each object to 0..1 after noise, and amplitude has no"
    " effect",
    "order": "the scene is blurred (Gaussian, 0.7 px), then noise is added; DeepBench blurs the"
    " noise",
    "pixels": "a pixel is the mean brightness over its area; DeepBench takes the value at its"
    " centre",
    "infinite light": "up to 1.05 the light of alpha has no end, so it is 2.5, with the same peak"
    " and half width",
    "ten times": "galaxies have 10 times this background, as DeepBench hides",
    "spiral": "arms are r = (radius / pi) exp(phi tan(pitch)) over one turn, alike but for their"
    " angle, on an exponential disc with half of its light inside radius; DeepBench divides by"
    " tan(pitch), and its arms differ",
    "place": "the galaxy lies where it is put; DeepBench keeps spirals in the middle",
    },
    "approximated": {
    "no seed": "none is given, so it is 0: the same rows every time",
    "middle": "what is left out takes the middle of the range from which DeepBench draws it",
    "planet": "Phi = M / r^2 is a planet as large as the Earth, r = 6.371e6 m, with the mass that"
    " gives it; noise on Phi is on the mass",
    "one noise": "parameters that noise_std_percent draws, or that G and Phi give, are not drawn"
    " here",
    "even times": "times are made equally spaced, up to a hundredth of a step",
    "pedestal": "coverage has no photons, so this is Gaussian noise of the same variance;"
    " DeepBench adds a Poisson pedestal, which also shifts the mean",
    "mean ellipse": "the flux is that of a galaxy half as wide as long, as each row draws its own"
    " ellipse",
    },
    "dropped": {
    "name": "the folder is told when rows are written: build -o FOLDER",
    "mass": "the motion does not depend on the mass, in DeepBench neither",
    },
}
# fmt: on
CORRECTIONS = {name: (kind, law) for kind, laws in SENTENCES.items() for name, law in laws.items()}
"""Kind and sentence of every changed meaning, by a name of its own."""
