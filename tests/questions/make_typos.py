"""Write entities-typo.jsonl: each question of entities.jsonl with one letter edit in every longer mention.

usage: python tests/questions/make_typos.py
"""

import json
import random
import string
from pathlib import Path

HERE = Path(__file__).parent
SEED = 20240607
MIN_LETTERS = 5


def typo(mention: str, rng: random.Random) -> str:
    """`mention` with one letter dropped, doubled, replaced or swapped with the next.

    The first and last letter of a word and words of fewer than four letters are left as they are (a last
    letter may be swapped), so that no edit makes "AI" another word, or a singular of a plural.
    """
    places = [
        i for i in range(1, len(mention) - 1) if mention[i - 1 : i + 2].isalpha() and _word_length(mention, i) >= 4
    ]
    while places:
        i = rng.choice(places)
        kind = rng.choice(("drop", "double", "replace", "swap"))
        if kind == "drop":
            edited = mention[:i] + mention[i + 1 :]
        elif kind == "double":
            edited = mention[:i] + mention[i] + mention[i:]
        elif kind == "replace":
            letter = rng.choice(string.ascii_lowercase)
            edited = mention[:i] + (letter.upper() if mention[i].isupper() else letter) + mention[i + 1 :]
        else:
            edited = mention[:i] + mention[i + 1] + mention[i] + mention[i + 2 :]
        if edited.lower() != mention.lower():
            return edited
    return mention


def _word_length(text: str, at: int) -> int:
    start = end = at
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    while end < len(text) and text[end].isalpha():
        end += 1
    return end - start


def twin(row: dict, rng: random.Random) -> dict:
    """`row` with a typo in each entity mention of five letters or more, spans moved along."""
    text, at, entities = "", 0, []
    for entity in row["entities"]:
        text += row["q"][at : entity["start"]]
        mention = entity["text"]
        if sum(c.isalpha() for c in mention) >= MIN_LETTERS:
            mention = typo(mention, rng)
        entities.append({**entity, "text": mention, "start": len(text), "end": len(text) + len(mention)})
        text += mention
        at = entity["end"]
    return {"q": text + row["q"][at:], "entities": entities}


def twins() -> list[dict]:
    """The twins of all questions, in their order."""
    rng = random.Random(SEED)
    lines = (HERE / "entities.jsonl").read_text(encoding="utf-8").splitlines()
    return [twin(json.loads(line), rng) for line in lines]


def render(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    (HERE / "entities-typo.jsonl").write_text(render(twins()), encoding="utf-8")
