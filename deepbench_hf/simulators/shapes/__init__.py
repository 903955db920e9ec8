"""The shapes family: one shape in an image, or a scene of several."""

from deepbench_hf.simulators.shapes.shapes import ColouredShapes, Shapes, ShapesScene

__all__ = ["ColouredShapes", "Shapes", "ShapesScene"]
