"""Train the network that reads word vectors in their context, and the vectors along with it.

It begins with the table that `build_table.py` made, and writes `intents/data/network.model` and the table's new rows:
one table serves the mean of a text's words and the network. In short:

1. The sentence encoder all-MiniLM-L6-v2 reads short texts: the lines given, the project's own examples, and texts made
   up from both. The network learns to come close to what the encoder makes of them, one by one (cosine) and in how
   alike any two are, so that it knows what words mean that no example has.
2. At the same time it learns to tell the examples apart: by intent, by what the questions of each pack are about, by
   the stage and the role they speak of. Words are left out now and then, and sentences of another example are put
   before a question or behind it: what is told around a question says nothing about what is asked.
3. What one matrix can do for two (scales and constants of normalisations) is folded in; the matrices are kept as half
   floats, the table's rows as bytes.

Run it in an environment of its own, after larger changes of the examples (half an hour on two cores), on the table as
`build_table.py` makes it: trained again and again, its rows would know these examples ever better, and little else.

    python -m venv .venv-table
    .venv-table/bin/pip install -e '.[table]'
    .venv-table/bin/python scripts/build_network.py TEXTS... --without TESTS...

TEXTS are as for `build_table.py`. No label of theirs is learnt, and no text that also occurs in the files after
`--without`. The seed is fixed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from build_table import load_encoder, made_up, read_texts, write
from torch import nn
from torch.nn import functional

from bot.bootstrap import EXAMPLES, PACKS, load_knowledge
from bot.services.answering.service import entity_names, phrasings
from intents.artefact import write_artefact
from intents.compile import MEANT_KINDS, filled, intent_examples, meaning_examples, subject_examples
from intents.context import HEADS, LONGEST, NETWORK_FILE, ContextNetwork
from intents.forms import clauses
from intents.loader import load_intents
from intents.normalize import normalize
from intents.semantic import TABLE_FOLDER, TokenTable, parts_of, table_hash

SEED = 0
WIDTH = 256
ENLARGED = 4.0
"""Vectors of the table are this much larger inside the network while it is trained."""
DROPPED, LEFT_OUT, TOLD = 0.1, 0.1, 0.3
"""The shares of numbers, of words, and of examples with a sentence around them."""
ALIKENESS, LIKELIHOOD, SHARPNESS = 5.0, 0.3, 16.0
"""What counts besides the cosines; cosines with labels are multiplied by the last before they are compared."""
RATE, RATE_OF_LABELS = 1.5e-3, 5e-3
ENCODED, OF_MAIN, OF_OTHERS = 128, 80, 24
"""How many texts of each sort a step looks at."""
TOGETHER = 5
"""The texts of a step are sorted by length and read in so many groups: less padding."""

Numbers = list[int]


class Reader(nn.Module):
    """The table and the network as they are trained; `exported` gives what `ContextNetwork` runs."""

    def __init__(self, rows: np.ndarray) -> None:
        super().__init__()
        size = rows.shape[1]
        self.nothing = len(rows)
        padded = torch.tensor(np.vstack([rows * ENLARGED, np.zeros((1, size), np.float32)]))
        self.rows = nn.Embedding.from_pretrained(padded, freeze=False, padding_idx=self.nothing)
        self.places = nn.Parameter(torch.zeros(LONGEST, size))
        self.places_from_end = nn.Parameter(torch.zeros(LONGEST, size))
        self.layer = nn.TransformerEncoderLayer(size, HEADS, WIDTH, DROPPED, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(size)
        self.weigh = nn.Linear(size, HEADS)
        self.gather = nn.Linear((HEADS + 1) * size, size)
        self.words = nn.Linear(size, size, bias=False)
        with torch.no_grad():
            self.words.weight.copy_(2 * torch.eye(size))
            self.gather.weight.mul_(0.3)

    def forward(self, texts: Sequence[Numbers]) -> torch.Tensor:
        """The vectors (texts × dimensions), of length 1."""
        longest = max(len(text) for text in texts)
        numbers = torch.tensor([[*text, *[self.nothing] * (longest - len(text))] for text in texts])
        there = numbers != self.nothing
        count = there.sum(dim=1, keepdim=True)
        rows = functional.dropout(self.rows(numbers), DROPPED, self.training)
        from_end = (count - 1 - torch.arange(longest)[None]).clamp(min=0)
        state = rows + self.places[:longest] + self.places_from_end[from_end]
        state = self.norm(self.layer(state, src_key_padding_mask=~there))
        shares = self.weigh(state).masked_fill(~there[..., None], -1e9).softmax(dim=1)
        views = torch.einsum("bth,btd->bhd", shares, state).flatten(1)
        mean = (state * there[..., None]).sum(dim=1) / count
        static = functional.normalize((rows * there[..., None]).sum(dim=1), dim=1)
        return functional.normalize(self.gather(torch.cat([views, mean], dim=1)) + self.words(static), dim=1)

    def in_groups(self, texts: Sequence[Numbers]) -> torch.Tensor:
        """The same, group by group of like length."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        size = -(-len(order) // TOGETHER)
        parts = [self([texts[at] for at in order[first : first + size]]) for first in range(0, len(order), size)]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[back]

    def trained_rows(self) -> np.ndarray:
        """The table's rows (pieces × dimensions), of the size they were given in."""
        return array(self.rows.weight)[: self.nothing] / np.float32(ENLARGED)

    def exported(self) -> dict[str, np.ndarray]:
        """The arrays of a `ContextNetwork`."""
        layer, size = self.layer, self.words.in_features
        small = 1 / ENLARGED
        attend, attend_constant = folded(layer.norm1, layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias)
        attend[:, :size] /= (size // HEADS) ** 0.5
        attend_constant[:size] /= (size // HEADS) ** 0.5
        widen, widen_constant = folded(layer.norm2, layer.linear1.weight, layer.linear1.bias)
        weigh, _ = folded(self.norm, self.weigh.weight, self.weigh.bias)
        # The views and the mean are each a weighted mean of normalised rows, so that the constant is added once.
        gather = array(self.gather.weight).T
        gather_constant = array(self.gather.bias) + np.tile(array(self.norm.bias), HEADS + 1) @ gather
        arrays = {
            "places": centred(small * array(self.places)),
            "places_from_end": centred(small * array(self.places_from_end)),
            "attend": attend,
            "attend_constant": attend_constant,
            "attended": centred(small * array(layer.self_attn.out_proj.weight).T),
            "attended_constant": centred(small * array(layer.self_attn.out_proj.bias)),
            "widen": widen,
            "widen_constant": widen_constant,
            "narrow": centred(small * array(layer.linear2.weight).T),
            "narrow_constant": centred(small * array(layer.linear2.bias)),
            "weigh": weigh,
            "gather": np.tile(array(self.norm.weight), HEADS + 1)[:, None] * gather,
            "gather_constant": gather_constant,
            "words": array(self.words.weight).T,
        }
        return {name: values.astype(np.float16) for name, values in arrays.items()}


def write_rows(folder: Path, rows: np.ndarray, steps: int) -> TokenTable:
    """Put rows (pieces × dimensions) in the place of those of a table; the table as it is then."""
    facts = json.loads((folder / "BUILD.json").read_text(encoding="utf-8"))
    facts["trained_along"] = {"steps": steps, "seed": SEED}
    write(folder, (folder / "pieces.txt").read_text(encoding="utf-8").split("\n"), rows, facts)
    table_hash.cache_clear()
    return TokenTable.load(folder)


def array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float32)


def centred(rows: np.ndarray) -> np.ndarray:
    """Rows with the mean 0: all that is added to the state is, since every normalisation takes the mean away."""
    return rows - rows.mean(axis=-1, keepdims=True)


def folded(norm: nn.LayerNorm, weight: torch.Tensor, bias: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """A matrix (inputs × outputs) and its constant that do what a normalisation's scale and constant did before it."""
    matrix = array(weight).T
    return array(norm.weight)[:, None] * matrix, array(norm.bias) @ matrix + array(bias)


def numbers_of(table: TokenTable, text: str) -> Numbers:
    """The numbers of a text's word pieces, the last ones."""
    return [number for part in parts_of(text) for number in table.pieces_of(part)][-LONGEST:]


def lessons() -> dict[str, list[tuple[str, str]]]:
    """What is told apart: for each lesson, texts and their labels. The first two count more than the others."""
    intents = load_intents(EXAMPLES)
    found: dict[str, list[tuple[str, str]]] = {}
    for pack in ("ai-product", *sorted(path.name for path in PACKS.iterdir() if path.name != "ai-product")):
        knowledge = load_knowledge(pack)
        names, said = entity_names(knowledge), phrasings(knowledge)
        if not found:
            found["intents"] = list(zip(*intent_examples(intents, names, said), strict=True))
            found |= {kind: meaning_examples(kind, names, said) for kind in MEANT_KINDS}
        about = subject_examples(intents, names, said)
        found[f"subjects of {pack}"] = [(normalize(text), label) for text, label in about]
    return found


def own_texts() -> list[str]:
    """The project's examples and phrasings as people would ask them."""
    intents = load_intents(EXAMPLES)
    found = []
    for pack in sorted(path.name for path in PACKS.iterdir()):
        knowledge = load_knowledge(pack)
        found += [phrasing.text for phrasing in phrasings(knowledge)]
    names = entity_names(load_knowledge())
    return found + filled([example for intent in intents for example in intent.examples], names)


def batches(items: list[Any], size: int) -> Iterator[list[Any]]:
    """The items again and again, `size` at a time, in a new order each time; those of a batch are of like length."""
    while True:
        random.shuffle(items)
        cut = []
        for first in range(0, len(items), size * 16):
            stretch = sorted(items[first : first + size * 16], key=lambda item: len(item[0]))
            cut += [stretch[at : at + size] for at in range(0, len(stretch), size)]
        random.shuffle(cut)
        yield from cut


def sentences_around(texts: Sequence[str]) -> list[str]:
    """The sentences of texts that only tell something."""
    return [text[a:b] for text in texts for a, b in clauses(text)[1] if 3 <= len(text[a:b].split()) <= 25]


def varied(text: Numbers, told: Sequence[Numbers]) -> Numbers:
    """A text without some of its words, now and then with a sentence around it."""
    kept = [number for number in text if random.random() > LEFT_OUT] or text  # noqa: S311
    if random.random() < TOLD:  # noqa: S311
        other = random.choice(told)  # noqa: S311
        kept = [*other, *kept] if random.random() < 0.75 else [*kept, *other]  # noqa: S311
    return kept[-LONGEST:]


def train(reader: Reader, table: TokenTable, encoded: tuple[list[str], np.ndarray], steps: int) -> None:
    """Train the reader, in place. `encoded`: texts, and what the encoder makes of them (texts × its dimensions)."""
    texts, goals = encoded[0], torch.tensor(encoded[1])
    project = nn.Linear(table.dimensions, goals.shape[1])
    general = batches([(numbers_of(table, text), at) for at, text in enumerate(texts)], ENCODED)
    learnt = lessons()
    told = [numbers_of(table, text) for text in sentences_around([text for text, _ in learnt["intents"]])]
    main = ("intents", "subjects of ai-product")
    heads, sources = {}, {}
    for name, pairs in learnt.items():
        number = {label: at for at, label in enumerate(sorted({label for _, label in pairs}))}
        heads[name] = nn.Linear(table.dimensions, len(number))
        items = [(numbers_of(table, text) or [0], number[label]) for text, label in pairs]
        sources[name] = batches(items, OF_MAIN if name in main else OF_OTHERS)
    labels = [*project.parameters(), *(value for head in heads.values() for value in head.parameters())]
    groups = [
        {"params": [*reader.parameters()], "lr": RATE},
        {"params": labels, "lr": RATE_OF_LABELS},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [RATE, RATE_OF_LABELS], total_steps=steps, pct_start=0.15)
    reader.train()
    began = time.monotonic()
    for step in range(1, steps + 1):
        read = next(general)
        asked = {name: next(source) for name, source in sources.items()}
        vectors = reader.in_groups(
            [text or [0] for text, _ in read] + [varied(text, told) for batch in asked.values() for text, _ in batch]
        )
        made, wanted = vectors[: len(read)], goals[[at for _, at in read]]
        loss = 1 - functional.cosine_similarity(project(made), wanted).mean()
        loss = loss + ALIKENESS * ((made @ made.T - wanted @ wanted.T) ** 2).mean()
        at = len(read)
        missed = {}
        for name, batch in asked.items():
            head = heads[name]
            logits = SHARPNESS * functional.linear(vectors[at : at + len(batch)], head.weight, head.bias)
            right = torch.tensor([label for _, label in batch])
            missed[name] = functional.cross_entropy(logits, right, label_smoothing=0.05)
            loss = loss + LIKELIHOOD * missed[name] * (1.0 if name in main else 1 / 3)
            at += len(batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            said = ", ".join(f"{name} {value.item():.2f}" for name, value in missed.items())
            print(f"step {step}: {loss.item():.2f} ({said}), {time.monotonic() - began:.0f} s", flush=True)
    reader.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("texts", nargs="+", type=Path, help="files of texts to learn from")
    parser.add_argument("--without", nargs="*", type=Path, default=[], help="files of texts never to learn from")
    parser.add_argument("--made-up", type=int, default=60_000, help="how many further texts to make up")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--out", type=Path, default=NETWORK_FILE)
    parser.add_argument("--table", type=Path, default=TABLE_FOLDER, help="the table, whose rows are written anew")
    parser.add_argument("--encoded", type=Path, help="file that keeps the encoder's vectors for a second run")
    args = parser.parse_args()
    torch.manual_seed(SEED)
    random.seed(SEED)

    table = TokenTable.load(args.table)
    forbidden = {normalize(text) for path in args.without for text in read_texts(path)}
    given = [normalize(text) for text in (*(t for path in args.texts for t in read_texts(path)), *own_texts())]
    texts = [text for text in dict.fromkeys(given) if text and text not in forbidden]
    words = sorted({word for text in texts for word in text.split()})
    texts += made_up(texts, forbidden, words, args.made_up)
    if args.encoded and args.encoded.exists():
        goals = np.load(args.encoded)
    else:
        print(f"the encoder reads {len(texts)} texts", flush=True)
        encoder = load_encoder()
        encoder.max_seq_length = 64
        goals = encoder.encode(texts, batch_size=128, normalize_embeddings=True, show_progress_bar=False)
        if args.encoded:
            np.save(args.encoded, goals)

    reader = Reader(table.rows())
    train(reader, table, (texts, np.asarray(goals, np.float32)), args.steps)
    table = write_rows(args.table, reader.trained_rows(), args.steps)
    arrays = reader.exported()
    digest = hashlib.sha256(b"".join(values.tobytes() for values in arrays.values()))
    facts = {
        "table": table.identity,
        "identity": digest.hexdigest()[:16],
        "texts": {"/".join(path.parts[-2:]): len(read_texts(path)) for path in args.texts},
        "texts_read": len(texts),
        "steps": args.steps,
        "seed": SEED,
    }
    write_artefact(args.out, facts, arrays)
    check(reader, ContextNetwork.load(args.out, table), texts[:200])
    print(f"{args.out}: written")


def check(reader: Reader, network: ContextNetwork, texts: Sequence[str]) -> None:
    """Stop where the network, as it runs, differs from the one that was trained by more than half floats do."""
    table = network.table
    with torch.inference_mode():
        wanted = reader.in_groups([numbers_of(table, text) or [0] for text in texts]).numpy()
    found = network.embed_many(texts, table.embed_many(texts))
    least = float((wanted * found).sum(axis=1).min())
    if least < 0.99:
        raise SystemExit(f"the exported network differs from the trained one: cosine {least:.3f}")


if __name__ == "__main__":
    main()
