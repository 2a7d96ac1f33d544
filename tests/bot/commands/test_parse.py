"""The grammar of slash commands: what people type all day, and what it must be understood as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from bot.commands import parsed as p
from bot.commands.parse import parse
from bot.commands.parsed import ProductRef
from bot.commands.vocabulary import Vocabulary, name_index
from bot.errors import CommandError
from tests.sample_packs import ai_product, make_pack

VOCABULARY = Vocabulary(ai_product())


class Names:
    """Products of the tests: (name, id)."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def known(self, product: str) -> bool:
        return product in {id_ for _, id_ in self.pairs}

    def index(self) -> Mapping[str, Sequence[str]]:
        return name_index([*self.pairs, *((id_, id_) for _, id_ in self.pairs)])


NAMES = Names(
    ("Churn model", "churn-model"),
    ("Speech to Text", "speech-to-text"),
    ("Retention radar", "price-finder"),
    ("Price finder", "price-finder"),
    ("Fraud EU", "fraud-eu"),
    ("Fraud US", "fraud-us"),
    ("Café", "cafe"),
)
CHURN = ProductRef("churn-model")
SPEECH = ProductRef("speech-to-text")
FACTS = {"cost": ("120k EUR",), "kpi": ("recall above 0.8", "1% less churn")}


def said(line: str, **options: bool) -> p.ParsedCommand:
    command, _, text = line.removeprefix("/").partition(" ")
    return parse(command, text, VOCABULARY, NAMES, **options)


def refused(line: str, **options: bool) -> CommandError:
    with pytest.raises(CommandError) as caught:
        said(line, **options)
    return caught.value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/stage", p.Help("stage")),
        ("/stage   ", p.Help("stage")),
        ("/stage help", p.Help("stage")),
        ("/stage HELP", p.Help("stage")),
        ("/product help", p.Help("product")),
        ("/role", p.Help("role")),
        ("/ask", p.Help("ask")),
        ("/digest", p.Help("digest")),
        ("/digest me", p.Help("digest", "me")),
        ("/stage advance help", p.Help("stage", "advance")),
        ("/ask who owns data prep?", p.Ask("who owns data prep?")),
        ("/ask help me decide", p.Ask("help me decide")),
    ],
)
def test_bare_and_help_ask_for_the_usage(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/stage status", p.StageStatus(None)),
        ("/stage status churn-model", p.StageStatus(CHURN)),
        ("/stage STATUS Churn Model", p.StageStatus(CHURN)),
        ('/stage status "Churn model"', p.StageStatus(CHURN)),
        ("/stage status “Churn model”", p.StageStatus(CHURN)),
        ("/stage status „Churn model“", p.StageStatus(CHURN)),
        ("/stage status «Churn model»", p.StageStatus(CHURN)),
        ("/stage status 'Churn model'", p.StageStatus(CHURN)),
        ("/stage status ‘Churn model’", p.StageStatus(CHURN)),
        ("/stage status of churn model", p.StageStatus(CHURN)),
        ("/stage status café", p.StageStatus(ProductRef("cafe"))),
        ("/stage status retention radar", p.StageStatus(ProductRef("price-finder"))),
        ("/stage status price finder", p.StageStatus(ProductRef("price-finder"))),
        ("/stage status chrun model", p.StageStatus(ProductRef("churn-model", "chrun model"))),
        ('/stage status "chrun-model"', p.StageStatus(ProductRef("churn-model", "chrun-model"))),
        ("/stage status churnmodel", p.StageStatus(ProductRef("churn-model", "churnmodel"))),
        ("/stage status churn", p.StageStatus(ProductRef("churn-model", "churn"))),
        ("/stage history speech to text", p.StageHistory(SPEECH)),
        ("/stage undo churn-model", p.Undo(CHURN)),
        ("/stage undo", p.Undo(None)),
    ],
)
def test_products_are_found_as_people_write_them(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/stage advance churn-model", p.Advance(CHURN)),
        ("/stage advance", p.Advance(None)),
        ("/stage advance churn model to data prep", p.Advance(CHURN, "data-preparation")),
        ("/stage advance churn-model to Data Preparation", p.Advance(CHURN, "data-preparation")),
        ('/stage advance churn-model to "data preparation"', p.Advance(CHURN, "data-preparation")),
        ("/stage advance churn-model TO prototyping", p.Advance(CHURN, "prototyping-testing")),
        ("/stage advance churn-model to protoyping", p.Advance(CHURN, "prototyping-testing")),
        ("/stage advance churn-model to the productization stage", p.Advance(CHURN, "productization")),
        ("/stage advance churn-model to in prod", p.Advance(CHURN, "deployment")),
        ("/stage advance to deployment", p.Advance(None, "deployment")),
        ("/stage advance because it is ready", p.Advance(None, None, "it is ready")),
        ("/stage advance churn-model because data is ready", p.Advance(CHURN, None, "data is ready")),
        ('/stage advance churn-model BECAUSE "data is ready"', p.Advance(CHURN, None, "data is ready")),
        ("/stage advance churn-model because “don’t wait”", p.Advance(CHURN, None, "don’t wait")),
        ('/stage advance churn-model because "a" and "b"', p.Advance(CHURN, None, 'a" and "b')),
        ("/stage advance churn-model because it's 5\" wide", p.Advance(CHURN, None, "it's 5\" wide")),
        ("/stage advance churn-model because to stage: yes", p.Advance(CHURN, None, "to stage: yes")),
        ("/stage advance speech to text to deployment", p.Advance(SPEECH, "deployment")),
        ("/stage advance speech to text", p.Advance(SPEECH)),
        (
            "/stage advance chrun model to proto because go",
            p.Advance(ProductRef("churn-model", "chrun model"), "prototyping-testing", "go"),
        ),
        ("/stage open churn-model prototyping", p.OpenParallel(CHURN, "prototyping-testing")),
        ("/stage open churn model prototyping and testing", p.OpenParallel(CHURN, "prototyping-testing")),
        ('/stage open "Churn model" "data prep"', p.OpenParallel(CHURN, "data-preparation")),
        ("/stage open data prep", p.OpenParallel(None, "data-preparation")),
        ("/stage open churn-model", p.OpenParallel(CHURN, None)),
        ("/stage open speech to text", p.OpenParallel(SPEECH, None)),
        ("/stage open speech to text PoC", p.OpenParallel(SPEECH, "prototyping-testing")),
        ("/stage open", p.OpenParallel(None, None)),
        ("/stage back churn-model to feasibility because new law", p.Back(CHURN, "feasibility", "new law")),
        ("/stage back churn-model to feasibility", p.Back(CHURN, "feasibility")),
        ("/stage back to feasibility because x", p.Back(None, "feasibility", "x")),
        ("/stage back churn-model", p.Back(CHURN, None)),
        ("/stage back churn-model to feasibility because", p.Back(CHURN, "feasibility", "")),
    ],
)
def test_moves(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            '/stage decide churn-model make cost 120k EUR kpi "recall above 0.8" kpi "1% less churn" '
            'because "no vendor fits"',
            p.Decide(CHURN, "make", FACTS, "no vendor fits"),
        ),
        (
            "/stage decide churn model make cost 120k EUR kpi “recall above 0.8” kpi “1% less churn”",
            p.Decide(CHURN, "make", FACTS),
        ),
        (
            "/stage decide Churn model MAKE cost 120k EUR kpi recall above 0.8 kpi 1% less churn because why not",
            p.Decide(CHURN, "make", FACTS, "why not"),
        ),
        ("/stage decide churn-model buy cost €120k kpi x", p.Decide(CHURN, "buy", {"cost": ("€120k",), "kpi": ("x",)})),
        ("/stage decide make cost 1m kpi x", p.Decide(None, "make", {"cost": ("1m",), "kpi": ("x",)})),
        ("/stage decide churn-model purchase", p.Decide(CHURN, "buy")),
        ("/stage decide churn-model mkae", p.Decide(CHURN, "make")),
        ("/stage decide churn-model", p.Decide(CHURN, None)),
        ("/stage decide", p.Decide(None, None)),
        ("/stage decide churn-model cost 12 kpi x", p.Decide(CHURN, None, {"cost": ("12",), "kpi": ("x",)})),
        (
            "/stage decide churn-model make kpi lower cost per call cost 5k",
            p.Decide(CHURN, "make", {"kpi": ("lower cost per call",), "cost": ("5k",)}),
        ),
        (
            "/stage decide churn-model make kpi at most 5 errors cost 5k",
            p.Decide(CHURN, "make", {"kpi": ("at most 5 errors",), "cost": ("5k",)}),
        ),
        ("/stage decide churn-model make costs: 5k", p.Decide(CHURN, "make", {"cost": ("5k",)})),
        (
            '/stage decide churn-model make kpi "no because inside" because outside',
            p.Decide(CHURN, "make", {"kpi": ("no because inside",)}, "outside"),
        ),
        ('/stage decide churn-model make kpi "recall" 0.8', p.Decide(CHURN, "make", {"kpi": ("recall 0.8",)})),
    ],
)
def test_decisions(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('/product new "Churn model"', p.NewProduct("Churn model")),
        ("/product new Churn model", p.NewProduct("Churn model")),
        ("/product new Churn model sponsor @ana", p.NewProduct("Churn model", (("sponsor", "ana"),))),
        ("/product new Churn model sponsor: @ana", p.NewProduct("Churn model", (("sponsor", "ana"),))),
        (
            "/product new “Churn model” sponsor <@U123|ana> data engineer <@U456> DS <@W789|b c>",
            p.NewProduct("Churn model", (("sponsor", "U123"), ("data-engineer", "U456"), ("data-scientist", "W789"))),
        ),
        (
            "/product new Churn model data engineer @ana @ben",
            p.NewProduct("Churn model", (("data-engineer", "ana"), ("data-engineer", "ben"))),
        ),
        (
            "/product new Data engineer finder data scientist @ana",
            p.NewProduct("Data engineer finder", (("data-scientist", "ana"),)),
        ),
        (
            '/product new Churn sponsor @ana about "who leaves, and why" in #churn at data prep',
            p.NewProduct("Churn", (("sponsor", "ana"),), "who leaves, and why", "churn", "data-preparation"),
        ),
        (
            "/product new Churn at deployment in <#C123|churn> about who leaves sponsor @ana",
            p.NewProduct("Churn", (("sponsor", "ana"),), "who leaves", "C123", "deployment"),
        ),
        ("/product new Look at me", p.NewProduct("Look at me")),
        ("/product new Sign in", p.NewProduct("Sign in")),
        ("/product new Don't panic", p.NewProduct("Don't panic")),
        ("/product new", p.NewProduct()),
        ("/product list", p.ListProducts()),
        ("/product list mine", p.ListProducts(mine=True)),
        ("/product list all", p.ListProducts(archived=True)),
        ("/product list data prep MINE all", p.ListProducts("data-preparation", True, True)),
        ("/product show churn model", p.ShowProduct(CHURN)),
        ("/product show", p.ShowProduct(None)),
        ("/product rename churn model to Churn radar", p.RenameProduct(CHURN, "Churn radar")),
        ('/product rename speech to text to "To be"', p.RenameProduct(SPEECH, "To be")),
        ("/product rename to Churn radar", p.RenameProduct(None, "Churn radar")),
        ("/product rename churn-model", p.RenameProduct(CHURN, None)),
        ("/product link churn model #churn", p.LinkProduct(CHURN, "churn")),
        ("/product link churn-model to <#C123|churn>", p.LinkProduct(CHURN, "C123")),
        ("/product link churn-model <#C123>", p.LinkProduct(CHURN, "C123")),
        ("/product link #churn", p.LinkProduct(None, "churn")),
        ("/product link churn-model", p.LinkProduct(CHURN, None)),
        ("/product archive churn-model", p.ArchiveProduct(CHURN)),
        ("/product restore Churn Model", p.RestoreProduct(CHURN)),
    ],
)
def test_products(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/role assign @ana as sponsor on churn-model", p.AssignRole("ana", "sponsor", CHURN)),
        ("/role assign <@U123|ana> as data engineers on Churn model", p.AssignRole("U123", "data-engineer", CHURN)),
        ("/role assign @ana as MLE", p.AssignRole("ana", "ai-engineer", None)),
        ("/role assign @ana as data enginer on speech to text", p.AssignRole("ana", "data-engineer", SPEECH)),
        ("/role assign @ana", p.AssignRole("ana", None, None)),
        ("/role assign", p.AssignRole(None, None, None)),
        ("/role assign as sponsor on churn-model", p.AssignRole(None, "sponsor", CHURN)),
        ("/role remove @ana as DE on churn-model", p.RemoveRole("ana", "data-engineer", CHURN)),
        ("/role remove @ana as group manager on churn-model", p.RemoveRole("ana", "group manager", CHURN)),
        ("/role replace @ana with @ben", p.ReplacePerson("ana", "ben", None)),
        ("/role replace <@U1> with <@U2|ben> on churn model", p.ReplacePerson("U1", "U2", CHURN)),
        ("/role replace @ana", p.ReplacePerson("ana", None, None)),
        ("/role list", p.ListRoles()),
        ("/role list churn model", p.ListRoles(product=CHURN)),
        ("/role list @ana", p.ListRoles(person="ana")),
    ],
)
def test_roles(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/digest now", p.DigestCommand("now")),
        ("/digest off", p.DigestCommand("off")),
        ("/digest status", p.DigestCommand("status")),
        ("/digest on 08:30", p.DigestCommand("on", time="08:30")),
        ("/digest on 8:30 daily", p.DigestCommand("on", time="08:30")),
        ("/digest on 08:30 weekdays UTC", p.DigestCommand("on", False, "08:30", (0, 1, 2, 3, 4), "UTC")),
        ("/digest on 08:30 mon,thu europe/madrid", p.DigestCommand("on", False, "08:30", (0, 3), "Europe/Madrid")),
        ("/digest on 08:30 mon, thu quiet", p.DigestCommand("on", False, "08:30", (0, 3), quiet=True)),
        ("/digest on 08:30 mon-fri UTC", p.DigestCommand("on", False, "08:30", (0, 1, 2, 3, 4), "UTC")),
        ("/digest on 08:30 for linked", p.DigestCommand("on", time="08:30", scope="linked")),
        ("/digest on 9:00 for data prep", p.DigestCommand("on", time="09:00", scope="stage:data-preparation")),
        ("/digest on 08:30 for @ana", p.DigestCommand("on", time="08:30", scope="user:ana")),
        ("/digest on 08:30 for all UTC", p.DigestCommand("on", time="08:30", scope="all", zone="UTC")),
        ("/digest me on 07:00 weekdays", p.DigestCommand("on", True, "07:00", (0, 1, 2, 3, 4))),
        ("/digest me off", p.DigestCommand("off", True)),
    ],
)  # fmt: skip
def test_digests(line: str, expected: p.ParsedCommand) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("/nothing", "usage"),
        ("/stage advnce churn-model", "usage"),
        ("/stage churn-model", "usage"),
        ("/stage status nosuch", "unknown_product"),
        ("/stage advance nosuch to deployment", "unknown_product"),
        ("/stage advance churn-model to nowhere", "unknown_stage"),
        ("/stage advance churn-model to data prep now", "usage"),
        ("/stage advance churn-model to production", "unknown_stage"),
        ("/stage back churn-model to nowhere because x", "unknown_stage"),
        ("/stage open churn-model nowhere", "unknown_stage"),
        ("/stage status fraud", "ambiguous"),
        ("/stage status fraud uk", "unknown_product"),
        ('/stage status "churn', "usage"),
        ("/stage undo churn-model now", "usage"),
        ("/stage decide churn-model lease cost 1 kpi x", "usage"),
        ("/stage decide churn-model make price 1", "usage"),
        ("/stage decide churn-model make cost lots", "usage"),
        ("/stage decide churn-model make cost", "usage"),
        ("/stage decide churn-model make cost -5", "usage"),
        ("/stage decide churn-model make cost 120.000", "usage"),
        ("/product list nowhere", "unknown_stage"),
        ("/product new Churn king @ana", "unknown_role"),
        ("/product new Churn sponsor @", "unknown_person"),
        ("/product new Churn sponsor <@u12>", "unknown_person"),
        ('/product new "Churn" at nowhere', "unknown_stage"),
        ('/product new "Churn" in churn', "usage"),
        ('/product new "Churn" loud', "usage"),
        ('/product new "   "', "usage"),
        ("/product new “ ”", "usage"),
        ("/product new @ana", "usage"),
        ('/product new "@ana"', "usage"),
        ('/product new "<@U123>"', "usage"),
        ('/product new "#churn"', "usage"),
        ('/product new "<!channel>"', "usage"),
        ("/product new 🚀", "usage"),
        ("/product new " + "x" * 81, "usage"),
        ("/product new " + "x" * 5000, "usage"),
        ("/product new " + "x" * 50000, "usage"),
        ("/product new bad\x00name", "usage"),
        ("/product new bad\x1b[31mname", "usage"),
        ("/product rename churn-model to @ana", "usage"),
        ("/product link churn-model churn", "usage"),
        ("/product link churn-model <#nope>", "usage"),
        ("/role assign ana as sponsor on churn-model", "unknown_person"),
        ("/role assign <@123> as sponsor on churn-model", "unknown_person"),
        ("/role assign @ana as king on churn-model", "unknown_role"),
        ("/role assign @ana as sponsor on nosuch", "unknown_product"),
        ("/role assign @ana as sponsor of churn", "usage"),
        ("/role replace @ana with ben", "unknown_person"),
        ("/digest on 25:99", "usage"),
        ("/digest on 24:00", "usage"),
        ("/digest on soon", "usage"),
        ("/digest on", "usage"),
        ("/digest on 08:30 Europe/Madird", "usage"),
        ("/digest on 08:30 for", "usage"),
        ("/digest on 08:30 for nowhere", "unknown_stage"),
        ("/digest me maybe", "usage"),
        ("/digest now please", "usage"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_code(line: str, code: str) -> None:
    error = refused(line)
    assert error.code == code
    assert len(str(error)) < 500


def test_a_typo_in_a_verb_gets_the_nearest_verb() -> None:
    assert "`/stage advance`" in str(refused("/stage advnce churn-model"))
    assert "`/stage status churn-model`" in str(refused("/stage churn-model"))


def test_a_zone_gets_the_nearest_zone() -> None:
    assert "Europe/Madrid" in str(refused("/digest on 08:30 Europe/Madird"))


def test_candidates_are_named() -> None:
    assert "fraud-eu, fraud-us" in str(refused("/stage status fraud"))


def test_in_slack_only_slacks_own_mentions_are_people_and_channels() -> None:
    assert refused("/role assign @ana as sponsor on churn-model", plain_people=False).code == "unknown_person"
    assert refused("/product link churn-model #churn", plain_people=False).code == "usage"
    assert said("/role assign <@U1> as sponsor", plain_people=False) == p.AssignRole("U1", "sponsor", None)


def test_numbers_in_names_are_never_taken_for_one_another() -> None:
    names = Names(("Churn model 2", "churn-model-2"))
    with pytest.raises(CommandError) as caught:
        parse("stage", "advance churn model 3", VOCABULARY, names)
    assert caught.value.code == "unknown_product"


def test_a_name_that_two_products_have_is_ambiguous() -> None:
    names = Names(("Radar", "churn"), ("Radar", "price"))
    with pytest.raises(CommandError) as caught:
        parse("stage", "advance radar", VOCABULARY, names)
    assert caught.value.code == "ambiguous"


LEAVERS = Names(("Leaver model", "churn-model"), ("Churn model", "churn-model"), ("Leaver Model", "leaver-model"))


@pytest.mark.parametrize(
    "line",
    [
        '/product archive "Leaver model"',
        "/product archive leaver model",
        "/product rename leaver model to Stayer model",
        "/product link the leaver model #churn",
        "/stage advance Leaver Model",
        "/stage back leaver model to feasibility because no data",
        "/stage open leaver model",
        "/stage open leaver model rollout",
        "/stage decide leaver model make",
        "/stage undo leaver model",
        "/role assign @ana as sponsor on leaver model",
    ],
)
def test_a_name_that_makes_one_products_id_and_is_anothers_name_is_ambiguous(line: str) -> None:
    command, _, text = line.removeprefix("/").partition(" ")
    with pytest.raises(CommandError) as caught:
        parse(command, text, VOCABULARY, LEAVERS)
    assert caught.value.code == "ambiguous"
    assert "churn-model, leaver-model" in str(caught.value)


def test_an_id_means_its_product_also_where_another_is_called_so() -> None:
    assert parse("product", "archive leaver-model", VOCABULARY, LEAVERS) == p.ArchiveProduct(ProductRef("leaver-model"))
    assert parse("stage", "open leaver-model", VOCABULARY, LEAVERS) == p.OpenParallel(ProductRef("leaver-model"), None)
    with pytest.raises(CommandError) as caught:
        parse("stage", "leaver model", VOCABULARY, LEAVERS)
    assert "/stage status leaver model" in str(caught.value)


def test_a_pack_without_roles_and_decisions_is_fine() -> None:
    vocabulary = Vocabulary(make_pack([{"id": "one"}, {"id": "two"}]))
    with pytest.raises(CommandError) as caught:
        parse("role", "assign @ana as sponsor on churn-model", vocabulary, NAMES)
    assert caught.value.code == "unknown_role"
    assert "names no roles" in str(caught.value)
