"""How fast the package is, as ratios between contestants that run in turns on one core."""
