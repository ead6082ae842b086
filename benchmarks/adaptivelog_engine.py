"""A real local engine under the client: ``python -m benchmarks.adaptivelog_engine --data DIR``.

A tiny language model, made of nothing, is trained on one labelled set; `transformers serve`
serves it over the OpenAI protocol in a process of its own; `adaptivelog.LargeModel` asks it
about rows that it has not seen, as the product asks any model: our prompt, our checks of the
answer. This is for the protocol's sake: its accuracy says nothing of large models.

The engine needs ``pip install 'transformers[serving]'``, which the product does not: give a
Python that has it with ``--engine-python``.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from adaptivelog import BadAnswer, LargeModel, LargeModelDown, LargeSettings, Question, Task
from adaptivelog.prompts import messages
from benchmarks.adaptivelog_rows import ReplaySet, read_sets
from benchmarks.machine import data_dir, report_header, write_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adaptivelog import Example, Row

SET = "lp_hwswitch"
ASKED = 100
EPOCHS, BATCH_ROWS, LEARNING_RATE = 3, 16, 2e-3
VOCABULARY, MAX_TOKENS = 2000, 192
START_S = 180.0
# What a tiny model reads of our prompt: the row itself, between the last two fences.
CHAT_TEMPLATE = (
    "{{ messages[-1]['content'].split('Judge this:')[-1].split('First give')[0] }}"
    "{% if add_generation_prompt %}<answer>{% endif %}"
)
SERVE = "from transformers.cli.transformers import main; main()"


def task_of(replay: ReplaySet) -> Task:
    """Return the set's labels as a closed question."""
    labels = sorted({example.label for example in replay.train})
    question = "Which label does this log message have?"
    return Task(replay.name, question, tuple((label, f"label {label}") for label in labels))


def seen_text(task: Task, row: Row) -> str:
    """Return what the model's chat template leaves of our prompt."""
    content = messages(task, row)[-1]["content"]
    return content.split("Judge this:")[-1].split("First give")[0] + "<answer>"


def answer_text(label: str) -> str:
    """Return the answer that the model is to learn."""
    return f'{{"reason": "as learned", "label": "{label}"}}</s>'


def train_model(task: Task, examples: Sequence[Example], folder: Path) -> dict[str, Any]:
    """Train a tokenizer and a Llama of two layers on some rows, and save both."""
    started = time.process_time()
    texts = [seen_text(task, example.row) for example in examples]
    tokenizer = _tokenizer([*texts, *(answer_text(name) for name in task.names)])
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    prompts = [tokenizer.encode(text)[-MAX_TOKENS:] for text in texts]
    answers = [tokenizer.encode(answer_text(example.label)) for example in examples]
    loss = _fit(model, prompts, answers, pad=int(tokenizer.pad_token_id))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {
        "rows": len(examples),
        "parameters": sum(weights.numel() for weights in model.parameters()),
        "last_loss": round(loss, 4),
        "cpu_s": round(time.process_time() - started, 1),
    }


def _tokenizer(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    special = ["<pad>", "</s>", "<answer>"]
    pieces.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    make: Any = PreTrainedTokenizerFast  # half of transformers has types
    tokenizer: PreTrainedTokenizerFast = make(
        tokenizer_object=pieces, pad_token="<pad>", eos_token="</s>", padding_side="left"
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _fit(
    model: LlamaForCausalLM, prompts: list[list[int]], answers: list[list[int]], *, pad: int
) -> float:
    """Teach the answers, not the prompts; returns the mean loss of the last epoch."""
    call: Any = model
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    steps = EPOCHS * -(-len(prompts) // BATCH_ROWS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    random = np.random.default_rng(0)
    losses: list[float] = []
    for _ in range(EPOCHS):
        losses = []
        order = random.permutation(len(prompts))
        for start in range(0, len(order), BATCH_ROWS):
            rows = order[start : start + BATCH_ROWS].tolist()
            width = max(len(prompts[n]) + len(answers[n]) for n in rows)
            tokens = torch.full((len(rows), width), pad)  # (batch, time)
            targets = torch.full((len(rows), width), -100)
            for place, n in enumerate(rows):
                end = len(prompts[n]) + len(answers[n])
                tokens[place, :end] = torch.tensor(prompts[n] + answers[n])
                targets[place, len(prompts[n]) : end] = torch.tensor(answers[n])
            loss = call(input_ids=tokens, labels=targets).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss))
    return float(np.mean(losses))


@contextmanager
def serving(folder: Path, python: str) -> Iterator[str]:
    """Run the engine on a free port; gives its base URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Its list of models fails unless the cache is a folder.
    environment = os.environ | {"HF_HUB_CACHE": str(folder), "HF_HUB_OFFLINE": "1"}
    command = [python, "-c", SERVE, "serve", str(folder), "--device", "cpu"]
    with (folder / "engine.log").open("wb") as log:
        engine = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env=environment | {"OMP_NUM_THREADS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(engine, port, folder / "engine.log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        engine.terminate()
        engine.wait(30)


def _wait(engine: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and engine.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    sys.exit(f"the engine does not answer: {log.read_text(errors='replace')[-2000:]}")


def ask(
    task: Task, examples: Sequence[Example], url: str, model: str, *, stream: bool
) -> dict[str, Any]:
    """Ask about some rows, and count what came back."""
    large = LargeModel(
        LargeSettings(url, model, timeout_s=120, max_tokens=40, stream=stream, attempts=2)
    )
    right = bad = down = tokens = calls = 0
    detail = ""
    started = time.perf_counter()
    for example in examples:
        try:
            answer = large.ask(task, Question(example.row))
            right += answer.reply.label == example.label
        except BadAnswer as error:
            bad, detail = bad + 1, str(error)
        except LargeModelDown as error:
            down, detail = down + 1, str(error)
        calls += large.spent.calls
        tokens += large.spent.input_tokens + large.spent.output_tokens
    large.close()
    return {
        "rows": len(examples),
        "right": right / len(examples),
        "bad_answers": bad,
        "down": down,
        "last_failure": re.sub(r"\s+", " ", detail)[:200],
        "calls": calls,
        "tokens": tokens,
        "wall_s_per_call": round((time.perf_counter() - started) / max(calls, 1), 3),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, serve, ask."""
    parser = argparse.ArgumentParser(description="The client against a real local engine.")
    parser.add_argument("--json", action="store_true", help="the report is JSON always")
    parser.add_argument("--data", help="folder with lp, mc, ldsm and replay")
    parser.add_argument("--engine-python", default=sys.executable, metavar="PYTHON")
    options = parser.parse_args(arguments)
    data = data_dir(options.data)
    data = data / "adaptivelog" if (data / "adaptivelog").is_dir() else data
    replay = next(found for found in read_sets(data) if found.name == SET)
    task = task_of(replay)
    torch.set_num_threads(1)
    report = report_header()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report["training"] = train_model(task, replay.train, folder)
        report["engine"] = "transformers serve"
        with serving(folder, options.engine_python) as url:
            test = replay.test[:ASKED]
            report["whole"] = ask(task, test, url, str(folder), stream=False)
            report["streamed"] = ask(task, test[:20], url, str(folder), stream=True)
    write_report(None, report)


if __name__ == "__main__":
    main()
