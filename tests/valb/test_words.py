import numpy as np
from safetensors.numpy import load_file

from valb.words import DIMENSIONS, WordVectors, build, word_vectors


def likeness(one, other):
    a, b = word_vectors().mean(one), word_vectors().mean(other)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_words_of_like_meaning_lie_close_together():
    assert likeness("elapsed", "duration") > likeness("elapsed", "directory")
    assert likeness("hostname", "server") > likeness("hostname", "yellow")


def test_an_identifier_is_the_mean_of_its_words():
    vectors = word_vectors()
    both = (vectors.mean("max") + vectors.mean("size")) / 2
    assert np.allclose(vectors.mean("maxSize"), both, atol=1e-6)


def test_an_unknown_word_has_no_direction():
    assert not word_vectors().mean("zzqxv").any()


def test_a_table_that_was_built_can_be_read(tmp_path):
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(100)]
    rng = np.random.default_rng(0)
    build(words, lambda w: rng.normal(size=(len(w), 64)).astype(np.float32), tmp_path / "w")
    tensors = load_file(tmp_path / "w")
    table = WordVectors(tensors["words"].tobytes().decode().split("\n"), tensors["vectors"])
    assert table.mean(words[3]).shape == (DIMENSIONS,)
    assert table.mean(words[3]).any()
