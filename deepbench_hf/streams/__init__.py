"""Batches for training loops: shuffled exactly, split over ranks and workers, and resumable."""
