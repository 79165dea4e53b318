"""Where a room is recorded, as long as it shall be."""

from collections.abc import Callable, Mapping

from media.relay.recorder import Recorder, Studio, Task
from media.relay.source import Source


class Booth:
    """A room's. Without a studio nothing is ever recorded."""

    def __init__(self, studio: Studio | None) -> None:
        self._studio = studio
        self._recorder: Recorder | None = None
        self._given_up: set[str] = set()

    def record(self, task: Task | None, failed: Callable[[Task, bool], None]) -> None:
        """Record this, or nothing, from the next `follow` on. What was given up stays so.

        `failed` is called with whether the disk is full.
        """
        if self._recorder is not None and (task is None or task.id != self._recorder.task.id):
            self.close()
        if task is None or self._recorder or self._studio is None or task.id in self._given_up:
            return

        def give_up(full: bool) -> None:
            self._given_up.add(task.id)
            # What an earlier one still had to write may fail while this one runs.
            if self._recorder is not None and self._recorder.task.id == task.id:
                self._recorder = None
            failed(task, full)

        self._recorder = Recorder(self._studio.scribe, task, give_up)

    def follow(self, sources: Mapping[int, Source]) -> None:
        """Record these, by their tracks' numbers, from now on; and nothing else."""
        if self._recorder is not None:
            self._recorder.follow(sources)

    def listen(self, deaf: bool) -> None:
        """A worker that doesn't hear what it is told must not record: consent may be gone."""
        if self._recorder is not None:
            self._recorder.deaf = deaf

    def close(self) -> None:
        """Record no more."""
        if self._recorder is not None:
            self._recorder.stop()
            self._recorder = None
