import numpy as np
import pytest

from logscan import scan_messages
from valb import Annotator, Example
from valb.category import CATEGORIES, Category
from valb.neighbours import Neighbours
from valb.scores import Scores
from valb.variables import NO_SCORES, Variable, agreed, find_variables
from valb.views import View

READ = "read zork 17 again"
EXAMPLE = Example("lost zork <TID> at noon", ("lost zork 12 at noon", "lost zork 4 at noon"))


def view(text):
    return View(text, (0, len(text)), 0, 0, 0, (), 1)


def scores(seen, category):
    """A tagger that holds each number for a variable of one category, without being sure."""
    is_number = np.array([text.isdigit() for text in seen.atoms.texts])
    tags = np.where(is_number[:, None], [0.2, 0.7, 0.1], [0.9, 0.05, 0.05])
    kinds = np.full((len(is_number), len(CATEGORIES)), 0.05)
    kinds[:, CATEGORIES.index(category)] = 0.55
    return Scores(tags.astype(np.float32), np.log(kinds).astype(np.float32))


def categories(text, given):
    return [variable.category for variable in find_variables(view(text), given)]


def test_a_number_behind_a_word_means_what_it_was_said_to_mean_behind_that_word():
    seen = view(READ)
    given = scores(seen, Category.OBA)
    other = Example("held zork <TID> long", ("held zork 9 long",))
    moved = Neighbours([EXAMPLE, other]).adjusted(seen, given)
    assert categories(READ, given) == [Category.OBA]
    assert categories(READ, moved) == [Category.TID]


def test_without_messages_an_example_says_nothing():
    seen = view(READ)
    given = scores(seen, Category.OBA)
    assert Neighbours([Example("lost zork <TID> at noon")]).adjusted(seen, given) is given
    assert Neighbours([]).examples == 0


def test_probabilities_stay_probabilities():
    seen = view("user=root [a/b] 12:13:14 <none> -")
    moved = Neighbours([EXAMPLE]).adjusted(seen, scores(seen, Category.OID))
    assert np.allclose(moved.tags.sum(-1), 1, atol=1e-3)
    assert np.allclose(np.exp(moved.categories).sum(-1), 1, atol=1e-3)


def test_the_order_of_examples_does_not_matter():
    seen = view(READ)
    other = Example("held zork <OBA> long", ("held zork 9 long",))
    given = scores(seen, Category.OID)
    one, two = (Neighbours(found) for found in ([EXAMPLE, other], [other, EXAMPLE]))
    assert np.allclose(
        one.adjusted(seen, given).categories, two.adjusted(seen, given).categories
    )


def test_an_annotator_that_learns_takes_corrections_over_to_other_templates():
    lines = [f"zork {n} was lost in the woods" for n in range(12)]
    lines += [f"zork {n} has left the house" for n in range(12)]
    batch = scan_messages("".join(line + "\n" for line in lines).encode())
    plain = Annotator()
    before = plain.annotate(batch).templates[0].typed_text
    wrong = "CRS" if "<CRS>" not in before else "STC"
    taught = before.replace(str(plain.templates[0].categories[0]), wrong)
    annotator = Annotator(
        examples=[
            Example(taught, tuple(lines[:12])),
            Example(f"zork <{wrong}> is here", ("zork 3 is here",)),
            Example(f"no zork <{wrong}> is known", ("no zork 3 is known",)),
        ],
        tagger=plain.tagger(),
        learns=True,
    )
    annotator.annotate(batch)
    left = next(t for t in annotator.templates if "left" in t.text)
    assert left.categories == (Category(wrong),)
    again = Annotator.from_dict(annotator.to_dict())
    assert again.to_dict()["learns"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x a=1 b=2 c=3", [Category.OBA] * 3),  # names and numbers alike: the sure ones decide
        ("x a=1 b=word c=3", [Category.OBA, Category.TID, Category.OBA]),
        ("x a=1 b 2", [Category.OBA, Category.TID]),  # joined otherwise
    ],
)
def test_variables_that_stand_alike_lean_on_each_other(text, expected):
    sure, unsure = NO_SCORES.copy(), NO_SCORES.copy()
    sure[CATEGORIES.index(Category.OBA)] = 0.0
    unsure[CATEGORIES.index(Category.TID)] = -2.5
    found = []
    for place, value in [(text.index(v, 3), v) for v in ("1", "2", "word", "3") if v in text]:
        told = unsure if value in ("2", "word") else sure
        found.append(Variable(place, place + len(value), told))
    assert [variable.category for variable in agreed(view(text), found)] == expected


def test_suggestions_change_nothing_and_leave_alone_what_the_examples_do_not_touch():
    lines = [f"zork {n} was lost in the woods" for n in range(12)]
    lines += [f"listening on port {n}" for n in range(8000, 8012)]
    annotator = Annotator()
    annotator.annotate(scan_messages("".join(line + "\n" for line in lines).encode()))
    before = annotator.to_dict()
    examples = [
        Example(f"{word} zork <STC> at noon", (f"{word} zork 12 at noon",))
        for word in ("lost", "no", "one", "held")
    ]
    zork = next(t for t in annotator.templates if "zork" in t.text)
    assert annotator.suggest(examples) == {zork.id: (Category.STC,)}
    assert annotator.suggest([]) == {}
    assert annotator.to_dict() == before
