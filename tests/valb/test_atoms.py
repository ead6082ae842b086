from valb.atoms import cut


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
