"""Questions about products, as people type them, from the words to the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.bootstrap import load_knowledge, load_recognizer
from bot.results import Speaker
from bot.services.answering.asked import Portfolio
from bot.services.answering.service import Answering
from tests.bot.answering.conftest import Talk

CHURN = "churn-model"

# question, intent, products, people, stages
ASKED = [
    ("where is churn-model?", "product_status", [CHURN], [], ["data-preparation"]),
    ("where is the churn model now", "product_status", [CHURN], [], ["data-preparation"]),
    ("where is chrun model", "product_status", [CHURN], [], ["data-preparation"]),
    ("whats the status of churnmodel", "product_status", [CHURN], [], ["data-preparation"]),
    ("where is churn?", "product_status", [CHURN], [], ["data-preparation"]),
    ("WHERE IS CHURN MODEL???", "product_status", [CHURN], [], ["data-preparation"]),
    ("where is zephyr-quant", "product_status", ["zephyr-quant"], [], ["data-preparation"]),
    ("where is Zephyr Quant", "product_status", ["zephyr-quant"], [], ["data-preparation"]),
    ("where is boreas quant?", "product_status", ["zephyr-quant"], [], ["data-preparation"]),
    ("where is boraes quant?", "product_status", ["zephyr-quant"], [], ["data-preparation"]),
    ("where is “Boreas Quant”?", "product_status", ["zephyr-quant"], [], ["data-preparation"]),
    ("where is fraud radar", "product_status", ["fraud-radar"], [], []),
    ("where is old-thing?", "product_status", ["old-thing"], [], ["feasibility"]),
    ("where are churn-model and forecast?", "product_status", [CHURN, "forecast"], [], None),
    ("who owns churn-model?", "product_owner", [CHURN], ["ben"], ["data-preparation"]),
    ("who is in charge of churn model right now", "product_owner", [CHURN], ["ben"], ["data-preparation"]),
    ("whom do I ask about churn model", "product_owner", [CHURN], ["ben"], ["data-preparation"]),
    ("who drives data preparation on churn-model?", "product_owner", [CHURN], ["ben"], ["data-preparation"]),
    ("who owns forecast?", "product_owner", ["forecast"], [], ["productization"]),
    ("who owns fraud radar?", "product_owner", ["fraud-radar"], [], []),
    ("who is the data scientist on churn-model?", "product_role", [CHURN], ["cleo"], []),
    ("who is the DS on churn model", "product_role", [CHURN], ["cleo"], []),
    ("who is the devops on churn model", "product_role", [CHURN], [], []),
    ("who is sponsor of churn", "product_role", [CHURN], ["ana"], []),
    ("is @ben the data scientist on churn-model", "product_role", [CHURN], ["cleo"], []),
    ("who works on churn-model?", "product_people", [CHURN], ["ana", "ben", "cleo"], []),
    ("is @zoe on churn-model?", "product_people", [CHURN], ["ana", "ben", "cleo"], []),
    ("what happened to churn-model?", "product_history", [CHURN], [], []),
    ("who created churn-model?", "product_history", [CHURN], ["ana"], []),
    ("who moved churn-model and why?", "product_history", [CHURN], ["cleo"], []),
    ("who sent churn-model back to data prep?", "product_history", [CHURN], ["cleo"], []),
    ("when did churn-model leave feasibility?", "product_history", [CHURN], [], []),
    ("where was churn-model on 3 march?", "product_as_of", [CHURN], [], ["feasibility"]),
    ("where was churn-model on March 3rd, 2026?", "product_as_of", [CHURN], [], ["feasibility"]),
    ("where was churn-model on 2026-03-08", "product_as_of", [CHURN], [], ["data-preparation", "prototyping-testing"]),
    ("where was churn-model on 3/3/2026?", "product_as_of", [CHURN], [], ["feasibility"]),
    ("as of 03.03.2026, where was churn-model?", "product_as_of", [CHURN], [], ["feasibility"]),
    ("where was churn-model on 2026/03/03", "product_as_of", [CHURN], [], ["feasibility"]),
    ("where was churn-model on 13-03-2026", "product_as_of", [CHURN], [], ["prototyping-testing"]),
    ("where was churn-model on 3/13/2026", "product_as_of", [CHURN], [], ["prototyping-testing"]),
    ("what was churn model's stage on 3 March?", "product_as_of", [CHURN], [], ["feasibility"]),
    ("what’s Forecast’s stage?", "product_status", ["forecast"], [], ["productization"]),
    ("where was churn-model yesterday?", "product_as_of", [CHURN], [], ["data-preparation"]),
    ("where was churn-model 5 weeks ago?", "product_as_of", [CHURN], [], ["prototyping-testing"]),
    ("where was churn-model on monday", "product_as_of", [CHURN], [], ["data-preparation"]),
    ("where was churn-model on 2026-01-01?", "product_as_of", [CHURN], [], []),
    ("how long was churn-model in feasibility?", "product_durations", [CHURN], [], []),
    ("which stage took longest on churn-model?", "product_durations", [CHURN], [], ["data-preparation"]),
    ("how often did churn-model go back?", "product_returns", [CHURN], [], []),
    ("did fraud radar ever go back", "product_returns", ["fraud-radar"], [], []),
    ("what did we decide on churn-model?", "product_decision", [CHURN], ["ana"], []),
    ("what does churn-model cost?", "product_decision", [CHURN], ["ana"], []),
    ("what are the KPIs of churn-model?", "product_decision", [CHURN], ["ana"], []),
    ("was fraud radar bought?", "product_decision", ["fraud-radar"], ["ana"], []),
    ("what is next for churn-model?", "product_next", [CHURN], [], ["data-preparation"]),
    ("what's missing to move forecast on?", "product_next", ["forecast"], [], ["productization"]),
    ("which products are in data preparation?", "products_in_stage", ["zephyr-quant", CHURN], [], ["data-preparation"]),
    ("is anything in deployment?", "products_in_stage", [], [], ["deployment"]),
    ("which products are archived?", "products_list", ["old-thing"], [], []),
    ("which products were bought", "products_list", ["fraud-radar"], [], []),
    ("is churn-model stuck?", "products_stuck", [CHURN], [], ["data-preparation"]),
    ("what am I responsible for?", "person_work", [CHURN], ["ana"], []),
    ("what is @ben working on?", "person_work", [CHURN], ["ben"], []),
    ("what does @zoe do?", "person_work", [], ["zoe"], []),
]


@pytest.mark.parametrize(("question", "intent", "products", "people", "stages"), ASKED, ids=[a[0] for a in ASKED])
def test_answered(
    office: Talk, question: str, intent: str, products: list[str], people: list[str], stages: list[str] | None
) -> None:
    answer = office.ask(question)
    assert answer.answered, answer.text
    assert answer.intent == intent, answer.text
    assert set(answer.products) == set(products), answer.text
    assert set(answer.people) == set(people), answer.text
    if stages is not None:
        assert set(answer.stages) == set(stages), answer.text
    assert {source.source for source in answer.sources} >= {"Rolecall's record"}


# question, words in the first line, words that must not be in it
UNKNOWN = [
    ("where is foo-bar?", "foo-bar", "churn"),
    ("who owns foo-bar?", "foo-bar", "data"),
    ("who is the data scientist on foo-bar?", "foo-bar", "scientist"),
    ('status of "Foo Bar"', "Foo Bar", "churn"),
    ("what is the revenue of churn-model?", "not recorded about Churn model", "stage"),
    ("what is the accuracy of churn-model", "not recorded about Churn model", "stage"),
    ("where was churn-model on 30 February 2026?", "no such date", "Preparation"),
    ("where was churn-model on 2026-13-01", "no such date", "Preparation"),
    ("where was churn-model on 31/02/2026", "no such date", "Preparation"),
    ("where was churn-model on 3/4/2026?", "may be 3 April 2026 or 4 March 2026: write it as 2026-04-03", "Prep"),
    ("where was churn-model on 2027-01-01?", "still to come", "Preparation"),
    ("what's next here?", "which product", "Preparation"),
    ("who is the CEO?", "don't know", "churn"),
]


@pytest.mark.parametrize(("question", "said", "unsaid"), UNKNOWN, ids=[u[0] for u in UNKNOWN])
def test_not_known(office: Talk, question: str, said: str, unsaid: str) -> None:
    answer = office.ask(question)
    first = answer.text.splitlines()[0]
    assert not answer.answered, answer.text
    assert said in first
    assert unsaid not in first


# question, the products that the answer is, in the state of the office
WHOLE = [
    ("which products have no sponsor?", {"forecast", "zephyr-quant", "price-scout", "price-sage"}),
    ("which products lack a sponsor?", {"forecast", "zephyr-quant", "price-scout", "price-sage"}),
    ("which products are without a data engineer?", {CHURN, "forecast", "zephyr-quant", "price-scout", "price-sage"}),
    ("which products have gaps?", {CHURN, "forecast", "zephyr-quant", "price-scout", "price-sage"}),
    ("how many products were sent back?", {CHURN}),
    ("which product went back most often?", {CHURN}),
    ("which products have gone back?", {CHURN}),
    ("which products were sent back this week?", set()),
    ("what moved this week?", set()),
    ("what happened since 10 March?", {CHURN, "fraud-radar"}),
    ("what changed since 17 March 2026?", {CHURN, "fraud-radar"}),
]


@pytest.mark.parametrize(("question", "products"), WHOLE, ids=[w[0] for w in WHOLE])
def test_questions_about_the_whole_portfolio(office: Talk, question: str, products: set[str]) -> None:
    answer = office.ask(question)
    assert (answer.answered, answer.intent) == (True, "products_list"), answer.text
    assert set(answer.products) == products, answer.text


@pytest.mark.parametrize(
    ("question", "products"),
    [*(each for each in WHOLE if "since" not in each[0]), ("which products are stuck?", None)],
)
def test_they_are_about_all_whatever_was_spoken_of(office: Talk, question: str, products: set[str] | None) -> None:
    alone = office.ask(question)
    office.ask("where is churn-model?")
    after = office.then(question)
    assert (set(after.products), after.text) == (set(alone.products), alone.text)
    assert products is None or set(after.products) == products


def test_what_happened_since_is_about_the_one_product_that_was_spoken_of(office: Talk) -> None:
    office.ask("where is churn-model?")
    answer = office.then("what happened since 15 March?")
    assert (answer.intent, answer.products) == ("product_history", (CHURN,))
    assert "feed broke" in answer.text and "no vendor" not in answer.text
    office.ask("which products are stuck?")
    assert office.then("what happened since 15 March?").intent == "products_list"


@pytest.mark.parametrize("question", ["what am I responsible for?", "which products are mine?", "what are my roles?"])
def test_what_is_mine_is_not_about_the_product_spoken_of(office: Talk, question: str) -> None:
    office.ask("where is forecast?", by="cleo")
    answer = office.then(question, by="cleo")
    assert (answer.intent, answer.products) == ("person_work", (CHURN,)), answer.text


@pytest.mark.parametrize(
    "question",
    ["which products were in feasibility on 2 March 2026?", "as of 2 March, which products were in feasibility?"],
)
def test_which_were_in_a_stage_on_a_day(office: Talk, question: str) -> None:
    office.ask("where is forecast?")
    answer = office.then(question)
    assert answer.answered
    assert {CHURN, "fraud-radar"} <= set(answer.products) and "forecast" not in answer.products


@pytest.mark.parametrize(
    "question",
    ["what does a data scientist do in projects without a data engineer?", "which roles do AI products miss most?"],
)
def test_a_question_about_the_framework_is_not_one_about_the_portfolio(office: Talk, question: str) -> None:
    assert office.ask(question).intent != "products_list"


def test_in_a_products_channel_what_happened_is_about_that_product(office: Talk) -> None:
    assert len(office.ask("which products have no sponsor?", channel="churn").products) == 4
    assert office.ask("what happened since 10 March?", channel="churn").products == (CHURN,)


def test_a_product_that_nobody_drives_is_said_to_have_a_gap(office: Talk) -> None:
    answer = office.ask("who owns price-scout now?")
    assert "nobody drives it now; the role for that is Sponsor." in answer.text
    assert "Gaps: nobody holds Sponsor" in answer.text and not answer.people


def test_it_on_a_date_is_what_was_spoken_of(office: Talk) -> None:
    office.ask("where is churn-model?")
    answer = office.then("where was it on 3 March?")
    assert (answer.intent, answer.products, answer.stages) == ("product_as_of", (CHURN,), ("feasibility",))
    assert "no product called" not in office.ask("where was it on 3 March?").text


def test_whether_a_product_is_ready_is_not_claimed(office: Talk) -> None:
    answer = office.ask("is churn-model ready for prototyping?")
    assert not answer.text.startswith("Yes")
    assert "The rules allow the move; whether it is ready, the record does not say." in answer.text
    assert office.ask("is price-scout ready for data preparation?").text.startswith("No: ")


def test_another_number_is_another_product(office: Talk) -> None:
    answer = office.ask("where is forecast2?")
    assert not answer.answered and "forecast2" in answer.text.splitlines()[0]


def test_two_candidates_are_asked_about(office: Talk) -> None:
    answer = office.ask("where is price?")
    assert not answer.answered
    assert set(answer.suggestions) == {"Where is price-scout?", "Where is price-sage?"}
    answer = office.ask("what's next here?", channel="prices")
    assert not answer.answered
    assert len(answer.suggestions) == 2


@pytest.mark.parametrize(
    "question",
    ["who owns this product?", "where are we?", "what's next here?", "what is missing here before we can move on?",
     "who is our data scientist?", "what stage are we in here?", "how often did we go back here?"],
)  # fmt: skip
def test_a_linked_channel_is_its_product(office: Talk, question: str) -> None:
    assert office.ask(question, channel="churn").products == (CHURN,)
    assert office.ask(question, channel="lunch").products == ()


def test_here_wins_over_what_was_spoken_of(office: Talk) -> None:
    office.ask("where is forecast?", channel="churn")
    assert office.then("and what's next here?", channel="churn").products == (CHURN,)


def test_follow_ups(office: Talk) -> None:
    office.ask("who owns fraud radar?")
    answer = office.then("and on churn-model?")
    assert (answer.intent, answer.people) == ("product_owner", ("ben",))
    assert office.then("since when?").stages == ("data-preparation",)
    assert "the feed broke" in office.then("and why?").text
    assert office.then("and the sponsor?").people == ("ana",)
    answer = office.then("what about fraud radar?")
    assert answer.people == ("dan",)
    office.ask("how long was churn-model in feasibility?")
    assert "38 days" in office.then("and in data prep?").text
    office.ask("where is churn-model")
    assert office.then("and on 3 march?").stages == ("feasibility",)
    assert office.then("who owns it?").people == ("ben",)


def test_a_gap_is_named_and_not_papered_over(office: Talk) -> None:
    answer = office.ask("who owns forecast?")
    assert answer.people == ()
    assert "nobody holds Data engineer or DevOps" in answer.text
    answer = office.ask("who owns churn-model?")
    assert "Gaps: nobody holds Data engineer on Churn model." in answer.text
    # The same words without a product are about the framework, and name nobody.
    answer = office.ask("who owns data preparation?")
    assert answer.people == answer.products == ()
    assert answer.roles == ("data-analyst", "data-engineer")


def test_yes_and_no(office: Talk) -> None:
    assert office.ask("is churn-model in data prep?").text.startswith("Yes: ")
    assert office.ask("is churn-model in deployment?").text.startswith("No: ")
    assert office.ask("is churn-model past feasibility?").text.startswith("Yes: ")
    assert office.ask("is old-thing archived?").text.startswith("Yes: ")
    assert office.ask("is @ben the data analyst on churn-model?").text.startswith("Yes: ")
    assert office.ask("has churn-model been in data prep twice?").text.startswith("Yes: ")


def test_stuck_is_longer_than_the_limit(office: Talk) -> None:
    answer = office.ask("which products are stuck?")
    assert set(answer.products) == {"forecast", "zephyr-quant", "price-scout", "price-sage"}
    assert "48 days in Data Preparation, where the limit is 45 days" in answer.text


def test_an_undone_change_counts_as_if_it_had_not_been(office: Talk) -> None:
    assert "since 16 March 2026" in office.ask("where is churn-model").text
    assert "(taken back later)" in office.ask("what happened to churn-model?").text
    text = office.ask("how long was churn-model in prototyping?").text
    assert "9 days (7 March 2026 to 16 March 2026)" in text


def test_days_are_those_of_the_reader(talk: Talk) -> None:
    talk.do("/product new night-owl")
    talk.now = talk.now.replace(hour=23, minute=30)
    talk.do('/stage decide night-owl make cost 1k kpi "x above 1"')
    talk.do("/stage advance night-owl")
    talk.now = talk.now.replace(day=4)
    assert talk.ask("where was night-owl on 1 march?").stages == ("data-preparation",)
    # In Auckland that move was on the 2nd.
    assert talk.ask("where was night-owl on 1 march?", zone="Pacific/Auckland").stages == ("feasibility",)


def test_names_that_are_words(talk: Talk) -> None:
    talk.do("/product new Next")
    talk.do('/product new "Monitoring"')
    talk.do("/product new churn-model")
    talk.do("/product new churn-models")
    assert talk.ask("what is next for churn-model?").products == ("churn-model",)
    assert talk.ask("where is churn-models?").products == ("churn-models",)
    assert talk.ask("where is churn-model?").products == ("churn-model",)
    assert talk.ask("who does monitoring?").intent == "topic_owner"
    assert talk.ask('where is "Next"?').products == ("next",)


def test_a_new_name_is_known_at_once(talk: Talk) -> None:
    assert not talk.ask("where is quokka?").answered
    talk.do("/product new quokka")
    assert talk.ask("where is quokka?").products == ("quokka",)
    talk.do("/product rename quokka to wombat")
    assert talk.ask("where is wombat?").products == ("quokka",)
    assert talk.ask("where is quokka?").products == ("quokka",)


@pytest.mark.parametrize(
    "question",
    ["", " ", "\0", "where is \0?", "where is " + "x" * 5000, '""', "“”", "@", "@ana", "and?", "who is  on ?",
     "where is 🦊?", "where was churn-model on 99 march", "where was churn-model 99999999 days ago",
     "where was churn-model on 0000-00-00", "\ud800 where is churn-model", "-" * 500, "churn-model " * 200],
)  # fmt: skip
def test_whatever_is_typed_gets_an_answer(office: Talk, question: str) -> None:
    office.ask(question)


def test_no_product_yet(talk: Talk) -> None:
    answer = talk.ask("which products do we have?")
    assert answer.answered
    assert answer.text == "There is no product yet."


def test_a_clock_that_goes_backwards(talk: Talk) -> None:
    talk.do("/product new time-lord")
    talk.do('/stage decide time-lord make cost 1k kpi "x above 1"', after=10)
    talk.do("/stage advance time-lord", after=-5)
    assert talk.ask("where is time-lord?").stages == ("data-preparation",)
    assert talk.ask("where was time-lord on 2 march?").stages == ("feasibility",)
    assert "today" in talk.ask("where is time-lord?").text
    assert talk.ask("how long was time-lord in each stage?").answered


def test_without_a_portfolio_products_are_not_known(office: Talk) -> None:
    answer, _ = office.answering.answer("where is churn-model?")
    assert not answer.answered
    assert answer.products == ()


@pytest.mark.parametrize(
    "question",
    ["who owns data preparation?", "what comes after feasibility?", "who does the modelling, the “AI” bit?",
     "hey <@U123> who owns logging and telemetry?", "do data scientists sit in feasibility or nah",
     "what do we do all day in \"prototyping and testing\"?"],
)  # fmt: skip
def test_questions_on_the_framework_are_answered_as_without_products(office: Talk, question: str) -> None:
    alone, _ = office.answering.answer(question)
    answer = office.ask(question)
    assert (answer.answered, answer.roles, answer.stages) == (alone.answered, alone.roles, alone.stages), answer.text


def test_a_stage_of_another_framework_is_flagged(office: Talk) -> None:
    knowledge = load_knowledge("tdsp")
    other = Answering(knowledge, load_recognizer(knowledge))
    with office.store.read() as reader:
        record = Portfolio(reader, Speaker("T1", "ana"), office.now, str.title, office.index)
        answer, _ = other.answer("where is churn-model?", None, record)
        assert "has no stage data-preparation" in answer.text
        assert "/stage advance churn-model to STAGE" in answer.text
        for question in ("who owns churn-model?", "what is next for churn-model?", "is churn-model stuck?"):
            answer, _ = other.answer(question, None, record)
            assert answer.answered, question


def test_moves_of_a_day_lead_to_where_the_product_was_also_if_taken_back_since(talk: Talk) -> None:
    talk.do("/product new Clock at data preparation")
    talk.do("/stage advance clock", after=1)
    talk.do("/stage undo clock", after=1)
    talk.now += timedelta(days=1)
    then = talk.ask("where was clock on 2 march?").text
    assert "Clock was in Prototyping and Testing." in then
    assert "moved it from Data Preparation to Prototyping and Testing. (taken back later)" in then
    after = talk.ask("where was clock on 3 march?").text
    assert "Clock was in Data Preparation." in after
    assert "took back: moved it from Data Preparation" in after
