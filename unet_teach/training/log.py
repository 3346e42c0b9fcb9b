"""What a run writes down at each step, and what a person sees while it runs."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from unet_teach.progress import progress
from unet_teach.training.config import TrainConfig
from unet_teach.training.files import RunError, explain_disk, read_log, write_atomically


class Log:
    """``log.jsonl`` and the progress bar. Only the first of several processes has them.

    After a resume the log is first cut back to the checkpoint: what came later
    will be computed, and written, again.
    """

    def __init__(self, folder: Path, done: int, config: TrainConfig, first: bool) -> None:
        self.config, self.done, self.first = config, done, first
        self.path = path = folder / "log.jsonl"
        self.records = [r for r in read_log(path) if r["step"] < done] if path.exists() else []
        self.file = None
        if first:
            lines = "".join(json.dumps(record) + "\n" for record in self.records)
            write_atomically(path, lines.encode())
            self.file = open(path, "a")
        spent = self.records[-1]["seconds"] if self.records else 0.0
        self.start = time.perf_counter() - spent
        self.bar: tqdm | None = None

    def steps(self, description: str) -> Iterator[int]:
        """The steps that are still to do, under a bar with the loss and the time left."""
        steps = range(self.done, self.config.steps)
        self.bar = progress(
            steps,
            leave=True,
            desc=description,
            initial=self.done,
            total=self.config.steps,
            disable=not self.first,
        )
        return iter(self.bar)

    def write(self, step: int, loss: float, lr: float) -> dict:
        """Note a step; stop the run where its loss is no number."""
        if not math.isfinite(loss):
            raise RunError(
                f"the loss is {loss} at step {step}; the last checkpoint is intact. Try "
                f"a lower lr (now {self.config.lr:g}) or precision float32"
            )
        seconds = round(time.perf_counter() - self.start, 3)
        record = {"step": step, "loss": loss, "lr": lr, "seconds": seconds}
        self.records.append(record)
        if self.first:
            self.bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            with explain_disk(self.path):
                self.file.write(json.dumps(record) + "\n")
                self.file.flush()
        return record

    def close(self) -> None:
        """Close the log and the bar: at the end, and where a run is interrupted."""
        if self.bar is not None:
            self.bar.close()
        if self.file is not None:
            self.file.close()
