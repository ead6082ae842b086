from hypothesis import example, given
from hypothesis import strategies as st

from valb.atoms import _KIND_OF, _PATTERN, cut

# What the ends of words and numbers are told by.
PIECES = (
    *"aAfzZ07_.:,;=/\\$-+~@ \n\t()[]\"'|\xe9\xb2",
    *("Mon", "Jan", "://", "0x", "12", "abc", "1.2.3.4", "::", "ffff", "10:11:12", "é" * 2),
)


def texts(message):
    return cut(message).texts


def test_units_that_never_vary_in_part_are_one_atom():
    message = "from /10.0.0.1:80 at Fri Jun 17 07:07:00 2005 took +1.5 s in /var/log/a.log"
    assert texts(message) == [
        "from", "/10.0.0.1:80", "at", "Fri Jun 17 07:07:00 2005", "took", "+1.5", "s", "in",
        "/var/log/a.log",
    ]  # fmt: skip


def test_a_token_is_cut_where_a_constant_part_may_end():
    assert texts("core.2275 node-129 a:b") == [
        "core",
        ".",
        "2275",
        "node",
        "-",
        "129",
        "a",
        ":",
        "b",
    ]


def test_atoms_cover_everything_but_blanks():
    message = 'x\t="y"  \xff\x00[0x1f] -25300 {fe80::1} a.b.c//...'
    rest = message
    atoms = cut(message)
    for text, start, end in reversed(
        list(zip(atoms.texts, atoms.starts, atoms.ends, strict=True))
    ):
        assert message[start:end] == text
        rest = rest[:start] + rest[end:]
    assert rest.strip("\x00 \t") == ""


def test_blanks_before_an_atom_are_marked():
    assert cut("a b(c").spaced == [False, True, False, False]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("Mon Jan  2 03:04:05 2026 x")
@example("C:\\a\\b Mon, abc://d dead:beef::1 12.5. a$b\n")
def test_atoms_found_by_compiled_code_are_those_of_the_pattern(message: str) -> None:
    found = [m for m in _PATTERN.finditer(message) if _KIND_OF[m.lastgroup or ""] != "space"]
    atoms = cut(message)
    assert atoms.texts == [m[0] for m in found]
    assert atoms.kinds == [_KIND_OF[m.lastgroup or ""] for m in found]
    assert list(zip(atoms.starts, atoms.ends, strict=True)) == [m.span() for m in found]
