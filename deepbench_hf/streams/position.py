"""Where a stream is, as a file has a position; the workers of a DataLoader share one."""

from typing import Any

MOST_WORKERS = 1024
"""Of one DataLoader."""

Worker = tuple[int, int]
"""A worker's number, and how many there are."""


class Position:
    """The epoch and the number in it of the next batch.

    In one process it moves with every batch that is taken. Workers make batches before they are
    taken, so there only whole passes are counted: each worker notes the passes that it began on a
    board that all processes see, and the k-th pass after a move is that of the k-th epoch after it.

    Args:
        epoch: of the next batch.
        batch: its number in the epoch.
        batches: of an epoch.
        endless: whether there is one epoch only.

    Raises:
        ValueError: there is no such batch.
    """

    def __init__(self, epoch: int, batch: int, batches: int, endless: bool) -> None:
        self.batches, self.endless = batches, endless
        self.board: Any = None
        self.worker: Worker | None = None
        self.loaded = False
        self.move(epoch, batch)

    def move(self, epoch: int, batch: int) -> None:
        """Go to a batch; the next pass begins there.

        Raises:
            ValueError: there is no such batch.
        """
        self.epoch, self.batch = self.begun = self._checked(epoch, batch)
        if self.board is not None:
            self.share(self.board)

    def share(self, board: Any) -> None:
        """Let workers begin here: ``board`` is epoch, batch, and the passes that each began."""
        self.board = board
        board[:] = 0
        board[0], board[1] = self.epoch, self.batch

    def begin(self) -> tuple[int, range]:
        """Begin a pass in this process: its epoch, and the numbers of its batches.

        Raises:
            ValueError: workers have moved the position, nobody here knows how far.
        """
        self.begun = self.after(None)
        return self.epoch, range(self.batch, self.batches)

    def begin_worker(self, worker: Worker) -> tuple[int, range]:
        """Begin a pass in a worker, which makes every ``workers``-th batch.

        Raises:
            ValueError: there are too many workers, or an endless stream would begin again.
        """
        number, workers = worker
        if workers > MOST_WORKERS:
            raise ValueError(f"num_workers: got {workers}, accepted: up to {MOST_WORKERS}")
        count = int(self.board[2 + number])
        if self.endless and count:
            hint = "before another pass, stream.load_state_dict(stream.state_dict(batches=n))"
            raise ValueError(f"an endless stream would begin again where this pass did; {hint}")
        self.board[2 + number] += 1
        if not self.loaded:
            self.epoch = int(self.board[0]) + count
            self.batch = number + (0 if count else int(self.board[1]))
        self.worker, self.loaded = worker, False
        return self.epoch, range(self.batch, self.batches, workers)

    def move_worker(self, worker: Worker, epoch: int, batch: int) -> None:
        """Go to a batch of this worker's own; its later passes are those of the next epochs."""
        self.worker, self.loaded = worker, True
        self.epoch, self.batch = epoch, batch
        self.board[0], self.board[2 + worker[0]] = epoch, 0

    def took(self, batch: int) -> None:
        """A batch is being given to whoever asked."""
        if self.worker:
            self.batch = batch + self.worker[1]
        else:
            self.epoch, self.batch = self._checked(self.epoch, batch + 1)

    def after(self, taken: int | None) -> tuple[int, int]:
        """Epoch and batch now, or when ``taken`` batches of the present pass are taken.

        Raises:
            ValueError: only workers know, or a pass has fewer batches.
        """
        passes = 0 if self.board is None else int(self.board[2:].max())
        if taken is None and passes and self.worker is None:
            hint = "state_dict(batches=n), with the number of batches that this pass has given"
            raise ValueError(f"the position moved in workers of a DataLoader, unseen here; {hint}")
        if taken is None or self.worker:
            return self.epoch, self.batch
        epoch, batch = self.begun
        if self.board is not None and passes:
            epoch, batch = int(self.board[0]) + passes - 1, int(self.board[1]) * (passes == 1)
        return self._checked(epoch, batch + taken)

    def _checked(self, epoch: int, batch: int) -> tuple[int, int]:
        """The end of an epoch is the beginning of the next one."""
        if epoch < 0 or not 0 <= batch <= self.batches or (self.endless and epoch):
            there = "only epoch 0" if self.endless else f"{self.batches} batches in an epoch"
            raise ValueError(f"epoch {epoch}, batch {batch}: there is no such place; {there}")
        return (epoch + 1, 0) if batch == self.batches else (epoch, batch)
