"""Routing between a small and a large model: ``python -m benchmarks.adaptivelog --data DIR``.

DIR holds folders of tasks (``lp``, ``mc``, ``ldsm``: ``TASK_SET_{train,dev,test}.json``) and
``replay/TASK_SET.jsonl`` with the answers that a large model gave to the test rows. Its answer
is ``ecr_label`` (asked with error cases) where recorded, else ``icl_label``; figures with
the plain answers alone are beside them. Rows of train and dev whose log occurs in test are
dropped; test rows never are. What is routed is decided without test labels: the most uncertain
share of the test rows goes to the large model, and its answer is weighed with the small model's
probabilities by a reliability that comes from their agreement alone.

``sets`` and ``mean`` have, as shares of rows that are right:

small      the small model alone
llm        the large model alone
routed_5   at most 5 % of the rows answered by the large model; routed_10, routed_20 likewise
oracle_10  the same 10 % answered rightly, whatever the large model said
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptivelog.router import combine
from adaptivelog.training import TrainConfig, Training, train
from adaptivelog.trial import agreed_reliability
from adaptivelog.uncertainty import bald, bayes_posterior, one_pass, variance
from benchmarks.adaptivelog_extras import EXTRAS
from benchmarks.adaptivelog_rows import ReplaySet, read_sets
from benchmarks.machine import data_dir, report_header, write_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHARES = {"routed_5": 0.05, "routed_10": 0.10, "routed_20": 0.20}
FIGURES = ("small", "llm", *SHARES, "oracle_10")
PASSES = 10
FOLDS = 3


def measure(replay: ReplaySet, config: TrainConfig) -> dict[str, Any]:
    """Train on a set, route its test rows, score."""
    started = time.process_time()
    training = train(replay.train, config)
    trained = time.process_time()
    said = training.model.predict([example.row for example in replay.test])
    truth = replay.truth
    small = np.array(said.labels) == truth
    order = np.argsort(-said.uncertainty, kind="stable")
    figures: dict[str, Any] = {"small": float(small.mean())}
    for suffix, answers in (("", replay.answers), ("_plain", replay.plain)):
        large = np.array(answers)
        figures[f"llm{suffix}"] = float((large == truth).mean())
        for name, share in SHARES.items():
            routed = order[: int(share * len(truth))]
            final = np.array(said.labels, dtype=object)
            final[routed] = _weighed(training, said.probabilities[routed], large[routed])
            figures[name + suffix] = float((final == truth).mean())
    tenth = order[: int(0.10 * len(truth))]
    figures["oracle_10"] = float((small.sum() + (~small[tenth]).sum()) / len(truth))
    asked = np.array(replay.answers)[tenth] == truth[tenth]
    figures |= {
        "rows": len(truth),
        "train_rows": len(replay.train),
        "dropped_rows": replay.dropped,
        "rung": training.model.rung.name,
        "held_out": training.accuracies,
        "calibration_error": training.calibration_error,
        "tenth": {
            "rows": len(tenth),
            "small": int(small[tenth].sum()),
            "llm": int(asked.sum()),
        },
        "train_cpu_s": round(trained - started, 1),
        "risk_coverage": risk_coverage(said.uncertainty, small),
        "uncertainty": uncertainty_scores(replay, training, small),
        "ecr": error_cases(replay),
    }
    return figures


def _weighed(
    training: Training, probabilities: NDArray[np.float64], said: NDArray[np.str_]
) -> list[str]:
    """Answer routed rows from both models; the large one's reliability from agreement alone."""
    classes = training.model.classes
    reliability = agreed_reliability(classes, probabilities, said.tolist())
    return [
        combine(classes, row, label, reliability)[0] if label else classes[int(row.argmax())]
        for row, label in zip(probabilities, said.tolist(), strict=True)
    ]


def risk_coverage(
    uncertainty: NDArray[np.float64], right: NDArray[np.bool_]
) -> dict[str, float]:
    """Give the accuracy of the surest 10, 20 ... 100 % of the rows."""
    ordered = right[np.argsort(uncertainty, kind="stable")]
    ends = {share: max(1, round(share / 100 * len(ordered))) for share in range(10, 101, 10)}
    return {str(share): float(ordered[:end].mean()) for share, end in ends.items()}


def uncertainty_scores(
    replay: ReplaySet, training: Training, right: NDArray[np.bool_]
) -> dict[str, float | None]:
    """Give, for each score, the chance that it ranks a wrong row above a right one (AUROC)."""
    model, rows = training.model, [example.row for example in replay.test]
    samples = model.sample(rows, passes=PASSES, seed=0)
    scores = {
        "one_pass": model.predict(rows).uncertainty,
        "dropout_mean": one_pass(samples.mean(0)),
        "dropout_variance": variance(samples),
        "bald": bald(samples),
        "bayes_posterior": bayes_posterior(samples, error_rate=model.error_rate),
    }
    return {name: _auroc(score, ~right) for name, score in scores.items()}


def error_cases(replay: ReplaySet) -> dict[str, float]:
    """Compare answers with error cases and plain ones on the rows that have both."""
    truth = replay.truth
    both = np.array(
        [bool(a and b) for a, b in zip(replay.with_cases, replay.plain, strict=True)]
    )
    if not both.any():
        return {"rows": 0}
    return {
        "rows": int(both.sum()),
        "plain": float((np.array(replay.plain) == truth)[both].mean()),
        "with_cases": float((np.array(replay.with_cases) == truth)[both].mean()),
    }


def _auroc(score: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float | None:
    if wrong.all() or not wrong.any():
        return None  # there is nothing to rank
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # ties share their mean rank
    positives = int(wrong.sum())
    area = ranks[wrong].sum() - positives * (positives + 1) / 2
    return float(area / (positives * (len(score) - positives)))


def mean_of(sets: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Average the shares over the sets."""
    names = [
        n + suffix for suffix in ("", "_plain") for n in FIGURES if n + suffix in _first(sets)
    ]
    return {
        name: float(np.mean([figures[name] for figures in sets.values()])) for name in names
    }


def _first(sets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return next(iter(sets.values()))


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'set':16}" + "".join(f"{name:>11}" for name in FIGURES)]
    for name, figures in [*report["sets"].items(), ("mean", report["mean"])]:
        lines.append(f"{name:16}" + "".join(f"{figures[n]:11.4f}" for n in FIGURES))
    lines.append(f"above both small and llm at 10 %: {report['above_both']} sets")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Routing between a small and a large model.")
    parser.add_argument("--json", action="store_true", help="write the report to stdout")
    parser.add_argument("--data", help="folder with lp, mc, ldsm and replay")
    parser.add_argument("--sets", nargs="*", default=(), metavar="NAME", help="only these")
    parser.add_argument("--rungs", default="tfidf", help="of the ladder, comma between them")
    parser.add_argument("--leaks", action="store_true", help="keep rows whose log is in test")
    parser.add_argument("--extras", nargs="+", choices=EXTRAS, help="these figures instead")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    data = data_dir(options.data)
    data = data / "adaptivelog" if (data / "adaptivelog").is_dir() else data
    rungs = tuple(options.rungs.split(","))
    config = TrainConfig(rungs=rungs, folds=FOLDS, seed=options.seed)
    report: dict[str, Any] = report_header()
    if options.extras:
        report |= {name: EXTRAS[name](data) for name in options.extras}
        write_report(None, report)
        return
    report["sets"] = {}
    for replay in read_sets(data, leaks=options.leaks):
        if not options.sets or replay.name in options.sets:
            report["sets"][replay.name] = measure(replay, config)
            sys.stderr.write(f"{replay.name}\n")  # minutes pass between them
    if not report["sets"]:
        sys.exit(f"{data}: no sets with recorded answers")
    report["mean"] = mean_of(report["sets"])
    report["above_both"] = sum(
        s["routed_10"] > max(s["small"], s["llm"]) for s in report["sets"].values()
    )
    if options.json:
        write_report(None, report)
    else:
        sys.stdout.write(_table(report))


if __name__ == "__main__":
    main()
