"""Why does the paper's recipe do worse here? Each run changes one thing, on a narrow network.

    python experiments/paper_runs.py --data /path/to/isbi2012   # goes on where it was cut short
    python experiments/paper_runs.py --status                   # which runs are done

README.md beside this file names the changes and what is expected of each; it was written before
the runs. The network is the paper's, depth 4 and valid, with 8 channels in place of 64, on
tiles of 572². It is judged on the third block (slices 12–17), never on slices 24–29. The table
is unet_teach/resources/results/paper_runs.json, one line for each run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from pairs import LOGITS, THRESHOLDS
from results import TABLES, circumstances, locked, read_rows, runs_parser, write_rows

from unet_teach.data import Volume, load_volume
from unet_teach.metrics import score
from unet_teach.training import TIERS, TrainConfig, load_model, probabilities, split, train
from unet_teach.training.loop import Beginning

TABLE = TABLES / "paper_runs.json"
BLOCK, RING, MARGIN = 2, 60, 286  # pixels: the outer ring, and the mirrored margin
PAPER = replace(
    TIERS["paper"], network=replace(TIERS["paper"].network, base_channels=8), steps=1200,
    fold=BLOCK, average=False, threads=1, precision="float32", memory_format="channels_last",
    checkpoint_every=50,
)  # fmt: skip


def narrow(**changes: object) -> TrainConfig:
    return replace(PAPER, network=replace(PAPER.network, **changes))


@dataclass
class MeanWeights:
    """A watcher that averages the weights over the last tenth of a run."""

    sums: dict[str, torch.Tensor] = field(default_factory=dict)
    count: int = 0

    def begin(self, beginning: Beginning) -> None:
        self.model, self.first = beginning.model, 0.9 * beginning.config.steps

    def step(self, record: dict) -> bool:
        if record["step"] >= self.first:
            self.count += 1
            for name, value in self.model.state_dict().items():
                self.sums[name] = self.sums.get(name, 0) + value.double()
        return False

    def end(self) -> None:
        pass

    def weights(self) -> dict[str, torch.Tensor]:
        return {name: (total / self.count).float() for name, total in self.sums.items()}


def mirrored(volume: Volume) -> Volume:
    """Slices with a mirrored margin, so that a tile may be centred anywhere on a slice."""
    margin = ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))
    images, labels = (np.stack(x) for x in (volume.images, volume.labels))
    return Volume(
        np.pad(images, margin, "reflect"), np.pad(labels, margin, "reflect"), volume.name
    )


@dataclass(frozen=True)
class Variant:
    """One thing changed."""

    recipe: TrainConfig = PAPER
    prepare: Callable[[Volume], Volume] | None = None


VARIANTS = {
    "paper": Variant(),
    "rate decays": Variant(replace(PAPER, schedule="one_cycle")),
    "rate × 10": Variant(replace(PAPER, lr=10 * PAPER.lr)),
    "tiles anywhere": Variant(prepare=mirrored),
    "class weights": Variant(replace(PAPER, weight_map=False, class_weights=(3.0, 1.0))),
    "no drop-out": Variant(narrow(dropout=0.0)),
    "Adam, decays": Variant(
        replace(PAPER, optimizer="adam", lr=TIERS["full"].lr, schedule="one_cycle")
    ),
    "batch norm": Variant(narrow(batch_norm=True)),
    # added when the first row of runs had shown that the rate matters most
    "rate × 30": Variant(replace(PAPER, lr=30 * PAPER.lr)),
    "rate × 10, decays": Variant(replace(PAPER, lr=10 * PAPER.lr, schedule="one_cycle")),
    "rate × 30, decays": Variant(replace(PAPER, lr=30 * PAPER.lr, schedule="one_cycle")),
    "rate × 100, decays": Variant(replace(PAPER, lr=100 * PAPER.lr, schedule="one_cycle")),
}
MEAN = "mean of weights"  # of the run "paper"


def errors(maps: list, held_out: Volume, threshold: float) -> tuple[float, float]:
    """Pixel error in the outer ring and inside of it, means over slices."""
    inner = np.zeros(held_out.labels[0].shape, bool)
    inner[RING:-RING, RING:-RING] = True
    wrong = [(p > threshold) != (t > 0) for p, t in zip(maps, held_out.labels, strict=True)]
    return mean(w[~inner].mean() for w in wrong), mean(w[inner].mean() for w in wrong)


def row(name: str, config: TrainConfig, maps: list, held_out: Volume, **more: object) -> dict:
    found = score(held_out.labels, maps, THRESHOLDS)
    ring, inner = errors(maps, held_out, found.v_rand_threshold)
    return {
        "run": f"{name}, seed {config.seed}", "variant": name, "seed": config.seed,
        "block": BLOCK, "v_rand": round(found.v_rand, 5), "v_info": round(found.v_info, 5),
        "v_rand_logit": LOGITS[THRESHOLDS.index(found.v_rand_threshold)],
        "pixel_error": round(found.pixel_error, 5),
        "error_outer_60": round(float(ring), 5), "error_inner": round(float(inner), 5),
        "steps": config.steps, "lr": config.lr,
        **circumstances("python experiments/paper_runs.py"), **more,
    }  # fmt: skip


def run(name: str, seed: int, volume: Volume, runs: Path) -> None:
    """Train one variant and add its line, or its two lines, to the table."""
    variant = VARIANTS[name]
    config, watch = replace(variant.recipe, seed=seed), None
    learned, held_out = split(volume, config)
    if variant.prepare:
        learned = variant.prepare(learned)
    if name == "paper":
        watch = MeanWeights()
    start, cpu = time.perf_counter(), time.process_time()
    folder = runs / f"{name.replace(' ', '_')}_{config.steps}_seed{seed}"
    log = train(replace(config, fold=None), learned, folder, watch=watch).log
    model = load_model(folder)
    loss = round(mean(record["loss"] for record in log[-60:]), 4)
    took = {"wall_seconds": round(time.perf_counter() - start, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1)}  # fmt: skip
    rows = [row(name, config, probabilities(model, held_out), held_out, loss=loss, **took)]
    if watch and watch.count == round(0.1 * config.steps):  # not of a run that was cut short
        model.load_state_dict(watch.weights())
        rows.append(row(MEAN, config, probabilities(model, held_out), held_out, loss=loss))
    with locked():
        write_rows(TABLE, read_rows(TABLE) + rows)
    print(time.strftime("%H:%M:%S"), *(f"{r['run']}: {r['v_rand']}" for r in rows), flush=True)


def main() -> None:
    parser = runs_parser(__doc__, "runs/paper_runs")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1])
    options = parser.parse_args()
    done = {(r["variant"], r["seed"]) for r in read_rows(TABLE)}
    if options.status:
        return print(f"{len(done)} done:", *sorted(done))
    torch.set_num_threads(1)
    volume = load_volume("isbi", options.data)
    for seed in options.seeds:
        for name in VARIANTS:
            if (name, seed) not in done:
                run(name, seed, volume, options.runs)


if __name__ == "__main__":
    main()
