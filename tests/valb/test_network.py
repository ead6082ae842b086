import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from logscan import scan_messages
from valb import network, tagger
from valb.annotator import WEIGHTS
from valb.errors import BadModel
from valb.evidence import Evidence
from valb.features import Features, Lexicon, features
from valb.tagger import Committee, Tagger, TaggerConfig
from valb.views import views

# Messages of one atom, of many, and of more than are computed at once.
MESSAGES = (
    b"done\n"
    b"took 5.2 KB from disk in 12 ms\n"
    b"Connection from 10.0.0.1:443 closed: reset by peer (code=104), retry 3 of 5\n"
    b"a=1 b=two c=/usr/lib/x.so d=2026-11-21 e=0xff\n"
    b"caf\xc3\xa9 latte \xff\xfe\n" + b" ".join(b"word%d is" % n for n in range(200)) + b"\n"
)


@pytest.fixture(scope="module")
def items():
    batch = scan_messages(MESSAGES)
    seen = list(views(batch, range(len(batch.structures))))
    lexicon = Lexicon()
    return features(seen, lexicon, Evidence(), [True] * len(seen)), lexicon


def differ(found, other):
    return max(
        max(np.abs(a.tags - b.tags).max(), np.abs(a.categories - b.categories).max())
        for a, b in zip(found, other, strict=True)
    )


def saved(folder, **sizes):
    torch.manual_seed(3)
    Committee([Tagger(TaggerConfig(**sizes)) for _ in range(2)]).save(folder)
    return folder


@pytest.mark.parametrize("plain", [False, True])
def test_scores_are_those_of_torch(items, plain):
    state = tagger.load(WEIGHTS)
    members = [{k: v.numpy() for k, v in m.state_dict().items()} for m in state.members]
    found = network.Network(members, plain=plain).score(*items)
    assert differ(found, state.score(*items)) < 1e-5
    assert all(np.allclose(one.tags.sum(1), 1, atol=1e-6) for one in found)


def test_other_sizes_are_those_of_torch_too(items, tmp_path):
    folder = saved(tmp_path, width=16, hidden=32, layers=2)
    assert differ(network.load(folder).score(*items), tagger.load(folder).score(*items)) < 1e-5


def test_scores_do_not_hang_on_the_other_messages(items):
    found, lexicon = items
    net = network.load(WEIGHTS)
    together = net.score(found, lexicon)
    for item, scores in zip(found, together, strict=True):
        (alone,) = net.score([item], lexicon)
        assert np.array_equal(alone.tags, scores.tags)
        assert np.array_equal(alone.categories, scores.categories)


def test_a_message_without_atoms_has_no_scores(items):
    empty = Features(np.zeros(0, np.int32), items[0][0].dense[:0])
    net = network.load(WEIGHTS)
    assert [len(one.tags) for one in net.score([empty, items[0][0], empty], items[1])] == [
        0,
        1,
        0,
    ]
    assert [len(one.tags) for one in net.score([empty], items[1])] == [0]
    assert net.score([], items[1]) == []


def test_weights_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(BadModel, match="width 24"):
        network.load(saved(tmp_path, width=24, hidden=16, layers=1))
    saved(tmp_path, width=16, hidden=16, layers=1)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadModel, match=r"weights\.safetensors"):
        network.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"version": 99}))
    with pytest.raises(BadModel, match="version 99"):
        network.load(tmp_path)
    with pytest.raises(BadModel, match=r"config\.json"):
        network.load(tmp_path / "nowhere")


def test_new_structures_are_tagged_without_torch(tmp_path):
    log = tmp_path / "app.log"
    log.write_bytes(MESSAGES)
    program = (
        "import sys; from valb.cli import main;"
        f"code = main(['templates', '--messages', {str(log)!r}]);"
        "assert 'torch' not in sys.modules; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Connection from" in done.stdout
