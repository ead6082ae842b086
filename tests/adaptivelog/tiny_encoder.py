"""A BERT of few layers, 32 wide, that knows the shop's words; never trained."""

from __future__ import annotations

import torch

from tests.adaptivelog.shop_rows import EXAMPLES, PAIRS


def save_tiny_encoder(folder, *, layers=1):
    """Write it as Hugging Face has models; gives the folder's name."""
    from transformers import BertConfig, BertModel, BertTokenizer

    texts = " ".join(e.row.text + " " + e.row.other for e in (*EXAMPLES, *PAIRS)).lower()
    words = sorted(set(texts.replace("<", " ").replace(">", " ").replace(":", " ").split()))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<", ">", ":", "*", *words]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(folder)
    return str(folder)
