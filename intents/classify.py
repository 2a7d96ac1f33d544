"""The classifier: which of the labels it was fitted on a question belongs to, and how sure that is.

Two softmax regressions look at the question: one at the mean of its word vectors (what it means), one at its
TF-IDF features (how it is put). Their logits are added, which is to say that their probabilities are
multiplied. Where that leaves a doubt, a third regression takes the place of the first: it looks at what the words mean
in their context, which takes longer to find out. Whether the question belongs to any label at all is judged by the
largest summed logit, which unlike the largest probability stays small when nothing in the question is familiar, and by
how nearly the question means the same as any of the examples.

numpy and rapidfuzz suffice to classify; scipy is needed to fit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.artefact import read_artefact, write_artefact
from intents.context import ContextNetwork, default_network
from intents.errors import ModelError, TrainingError
from intents.lexical import LexicalFeatures, fit_lexical, transform_many, words_of
from intents.linear import SURE, WordingWeights, softmax, weights_from_arrays
from intents.normalize import normalize
from intents.spelling import Speller, without_typos
from intents.strings import Index, Strings
from intents.wording import Spelled, Wording, spell_out

__all__ = ["FORMAT", "Classifier", "Ranking", "Scores"]

FORMAT = 4
"""Changes whenever a compiled model of before would be read or used differently."""

LONGEST_TEXT = 2000
"""Of a longer text, this many characters are read."""

_ACCEPT = 0.94
"""The share of left-out examples that is accepted. Of new questions it is about a point more, since the whole
classifier has seen more than the ones that were fitted without some examples."""
_FAMILIARITY = 10.0
"""What the cosine with the nearest example counts against a logit, in the score."""
_COMPARED = 4000
"""At most about so many examples are compared with a question, evenly spread over each label's."""
_NAMED = 50
"""A word of a name counts, for spelling, as if so many examples had it."""
_RANKED = 12


@dataclass(frozen=True, slots=True)
class Scores:
    """What the classifier makes of one text."""

    label: str
    """The best label, whether or not it is accepted."""
    confidence: float
    """Calibrated probability, 0 to 1, that `label` is right."""
    accepted: bool
    """Whether `score` reaches the classifier's own threshold; where not, the text is about something else."""
    score: float
    """The largest summed logit, and ten times the likeness to the nearest example: comparable only within one
    classifier."""
    threshold: float
    """What `score` has to reach."""
    ranking: tuple[tuple[str, float], ...]
    """The best labels and their probabilities (softmax of the summed logits), best first."""
    nearest: str
    """Of the examples of `label`, the one that means most nearly the same."""
    likeness: float
    """The cosine between the question and that example."""
    text: str
    """The text as it was read: normalised, its spelling repaired."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the classifier makes of a prepared text, without asking whether it accepts it.

    `labels`: the best ones and their probabilities, best first. `vector`: what the text means.
    """

    labels: tuple[tuple[str, float], ...]
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Examples:
    """The examples that questions are compared with, grouped by label.

    Those of label `i` are `bounds[i]:bounds[i + 1]`; `vectors` is examples × dimensions.
    """

    texts: Strings
    bounds: list[int]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words that spelling is repaired towards, and how often each occurs."""

    words: Strings
    counts: NDArray[np.int32]

    @classmethod
    def of(cls, counted: Mapping[str, int]) -> _Vocabulary:
        return cls(Strings.of(counted), np.array([*counted.values()], np.int32))

    def counted(self) -> dict[str, int]:
        return dict(zip(self.words.all(), self.counts.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Weights:
    """All that was learnt. `spelled` is left out where there are many labels, and `in_context` has none then."""

    semantic: NDArray[np.float32]
    """Dimensions × labels, as `in_context`; `intercepts` and `context_intercepts` are one for each label."""
    lexical: WordingWeights
    intercepts: NDArray[np.float32]
    in_context: NDArray[np.float32]
    context_intercepts: NDArray[np.float32]
    threshold: float
    calibration: tuple[float, float, float]
    cross_validated_accuracy: float
    spelled: Spelled | None


class Classifier:
    """Texts in, labels out. Make one with `fit` or `load`; it is then never changed, and thread-safe."""

    def __init__(
        self,
        *,
        labels: Sequence[str],
        features: LexicalFeatures,
        weights: _Weights,
        examples: _Examples,
        vocabulary: _Vocabulary,
        network: ContextNetwork,
    ) -> None:
        self.labels = tuple(labels)
        self._number = {label: at for at, label in enumerate(self.labels)}
        self._features = features
        self._weights = weights
        self._examples = examples
        self._vocabulary = vocabulary
        self._network = network
        self._table = network.table
        self._wording = Wording(features, weights.lexical, len(self.labels), weights.spelled)

    @cached_property
    def speller(self) -> Speller:
        """What repairs the spelling of the texts that are classified; made when it is first needed."""
        return Speller(self._vocabulary.counted(), self._table.knows)

    @property
    def threshold(self) -> float:
        """The score from which a text is accepted."""
        return self._weights.threshold

    @property
    def cross_validated_accuracy(self) -> float:
        """The share of the examples that the classifier got right when it had not seen them."""
        return self._weights.cross_validated_accuracy

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vocabulary: Iterable[str] = (),
        *,
        accept: float | None = _ACCEPT,
        network: ContextNetwork | None = None,
    ) -> Classifier:
        """Learn from example `texts` and the label of each; needs scipy.

        `vocabulary` names further words that spelling is repaired towards. The threshold is set so that
        `accept` of the examples would be accepted by classifiers that were fitted without them; with None there are no
        such classifiers, which is quicker by far: every text is accepted, and `confidence` is no more than a half.
        Raises `TrainingError` where there are fewer than two labels, or not one label a text.
        """
        from intents.training import MANY_EXAMPLES, MANY_LABELS, UNTRIED, calibrate, learn, one_thread

        if len(texts) != len(labels):
            raise TrainingError(f"{len(texts)} texts, but {len(labels)} labels")
        names = sorted(set(labels))
        if len(names) < 2:
            raise TrainingError(f"examples of at least two labels are needed, not of {len(names)}")
        network = network or default_network()
        table = network.table
        number = {name: at for at, name in enumerate(names)}
        order = sorted(range(len(texts)), key=lambda at: number[labels[at]])
        read = [normalize(texts[at][:LONGEST_TEXT]) for at in order]
        words = Counter(word for text in read for word in words_of(text))
        words = without_typos(words, table.knows)
        for word in {word for entry in vocabulary for word in words_of(normalize(entry))}:
            words[word] += _NAMED  # names are masked in examples, and yet the commonest words of all
        speller = Speller(words, table.knows)
        read = [speller.repair(text) for text in read]
        targets = np.array([number[labels[at]] for at in order], np.int64)

        vectors = table.embed_many(read)
        features = fit_lexical(read, 2 if len(read) > MANY_EXAMPLES else 1)
        firsts = np.searchsorted(targets, np.arange(len(names)))
        compared = np.union1d(firsts, np.arange(0, len(read), max(1, round(len(read) / _COMPARED))))
        with one_thread():
            sparse = transform_many(features, read)
            learnt = learn(
                vectors, lambda: network.embed_many(read, vectors), sparse, targets, compared, trying=accept is not None
            )
        calibration = UNTRIED
        if accept is not None:
            familiarity = np.float32(_FAMILIARITY) * learnt.likeness
            calibration = calibrate(learnt.held_out, familiarity, targets[learnt.tried], accept)

        bounds = np.searchsorted(targets[compared], np.arange(len(names) + 1)).tolist()
        return cls(
            labels=names,
            features=features,
            weights=_Weights(
                learnt.semantic,
                learnt.lexical,
                learnt.intercepts,
                learnt.in_context,
                learnt.context_intercepts,
                calibration.threshold,
                calibration.weights,
                calibration.accuracy,
                spell_out(features, learnt.lexical, len(names)) if len(names) <= MANY_LABELS else None,
            ),
            examples=_Examples(Strings.of(texts[order[at]] for at in compared), bounds, vectors[compared]),
            vocabulary=_Vocabulary.of(words),
            network=network,
        )

    def prepare(self, text: str) -> str:
        """`text` as the classifier reads it: cut to length, normalised, its spelling repaired."""
        return self.speller.repair(normalize(text[:LONGEST_TEXT]))

    def logits(self, text: str) -> NDArray[np.float32]:
        """The summed raw logits (labels) of a text, in the order of `labels`."""
        read = self.prepare(text)
        return self._read(read, self._table.embed(read))[0]

    def log_probabilities(self, text: str) -> NDArray[np.float32]:
        """The logarithms (labels) of the labels' probabilities, in the order of `labels`."""
        logits = self.logits(text)
        shifted = logits - logits.max()
        normalised: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum())
        return normalised

    def _read(self, read: str, vector: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The summed logits (labels) of a prepared text, and the labels' probabilities."""
        weights = self._weights
        wording = self._wording.logits(read)
        logits = vector @ weights.semantic + weights.intercepts + wording
        shares = softmax(logits)
        if len(weights.in_context) and float(np.maximum.reduce(shares)) < SURE:
            logits = self._network.embed(read, vector) @ weights.in_context + weights.context_intercepts + wording
            shares = softmax(logits)
        return logits, shares

    def rank(self, read: str) -> Ranking:
        """The labels that a text may belong to; `read` is as `prepare` gives it. Never raises."""
        vector = self._table.embed(read)
        _, shares = self._read(read, vector)
        order = shares.argsort()[: -_RANKED - 1 : -1]
        labels = [self.labels[at] for at in order.tolist()]
        return Ranking(tuple(zip(labels, shares.take(order).tolist(), strict=True)), vector)

    def likeness(self, label: str, vector: NDArray[np.float32]) -> float:
        """The cosine between what a text means and the nearest example of a label."""
        return float((self._vectors_of(label) @ vector).max())

    def nearest(self, label: str, vector: NDArray[np.float32]) -> tuple[float, str]:
        """The same, and that example."""
        likenesses = self._vectors_of(label) @ vector
        nearest = int(likenesses.argmax())
        return float(likenesses[nearest]), self._examples.texts[self._examples.bounds[self._number[label]] + nearest]

    def _vectors_of(self, label: str) -> NDArray[np.float32]:
        at = self._number[label]
        return self._examples.vectors[self._examples.bounds[at] : self._examples.bounds[at + 1]]

    def classify(self, text: str) -> Scores:
        """Say which label `text` belongs to, and how sure that is. Never raises, whatever the text."""
        read = self.prepare(text)
        vector = self._table.embed(read)
        logits, shares = self._read(read, vector)
        likenesses = self._examples.vectors @ vector
        order = np.argsort(-logits)[:_RANKED].tolist()
        best = order[0]
        largest = float(logits[best])
        score = largest + _FAMILIARITY * float(likenesses.max())
        start, end = self._examples.bounds[best], self._examples.bounds[best + 1]
        nearest = start + int(likenesses[start:end].argmax())
        weights = self._weights
        return Scores(
            label=self.labels[best],
            confidence=_confidence(weights.calibration, score, largest - float(logits[order[1]])),
            accepted=score >= weights.threshold,
            score=score,
            threshold=weights.threshold,
            ranking=tuple((self.labels[at], float(shares[at])) for at in order),
            nearest=self._examples.texts[nearest],
            likeness=float(likenesses[nearest]),
            text=read,
        )

    def save(self, path: Path) -> None:
        """Write the classifier to one file, whole or not at all; raises `OSError` where that fails."""
        weights, examples = self._weights, self._examples
        header = {
            "format": FORMAT,
            "network": self._network.identity,
            "labels": self.labels,
            "threshold": weights.threshold,
            "calibration": weights.calibration,
            "cross_validated_accuracy": weights.cross_validated_accuracy,
            "bounds": examples.bounds,
        }
        arrays: dict[str, NDArray[Any]] = {
            "semantic": weights.semantic,
            "intercepts": weights.intercepts,
            "in_context": weights.in_context,
            "context_intercepts": weights.context_intercepts,
            "frequency": self._features.frequency,
            "vectors": examples.vectors,
            **weights.lexical.arrays(),
            **examples.texts.arrays("examples"),
            **self._features.words.arrays("words"),
            "pairs": self._features.pairs,
            **self._features.runs.arrays("runs"),
            **self._vocabulary.words.arrays("vocabulary"),
            "counts": self._vocabulary.counts,
        }
        if weights.spelled is not None:
            arrays["spelled"], arrays["spelled_squares"] = weights.spelled
        write_artefact(path, header, arrays)

    @classmethod
    def load(cls, path: Path, network: ContextNetwork | None = None) -> Classifier:
        """Open a file that `save` wrote.

        Raises `ModelError` where it is missing, damaged, of another format or made with another network.
        """
        header, arrays = read_artefact(path)
        network = network or default_network()
        if header.get("format") != FORMAT or header.get("network") != network.identity:
            raise ModelError(f"{path}: was compiled by another version")
        try:
            words, runs = Index.from_arrays(arrays, "words"), Index.from_arrays(arrays, "runs")
            features = LexicalFeatures(words, arrays["pairs"], runs, arrays["frequency"])
            a, b, c = header["calibration"]
            weights = _Weights(
                arrays["semantic"],
                weights_from_arrays(arrays, len(header["labels"])),
                arrays["intercepts"],
                arrays["in_context"],
                arrays["context_intercepts"],
                header["threshold"],
                (a, b, c),
                header["cross_validated_accuracy"],
                (arrays["spelled"], arrays["spelled_squares"]) if "spelled" in arrays else None,
            )
            examples = _Examples(Strings.from_arrays(arrays, "examples"), header["bounds"], arrays["vectors"])
            return cls(
                labels=header["labels"],
                features=features,
                weights=weights,
                examples=examples,
                vocabulary=_Vocabulary(Strings.from_arrays(arrays, "vocabulary"), arrays["counts"]),
                network=network,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path}: is damaged: {error}") from error


def _confidence(weights: tuple[float, float, float], score: float, lead: float) -> float:
    exponent = weights[0] * score + weights[1] * lead + weights[2]
    return 1.0 / (1.0 + math.exp(-min(max(exponent, -50.0), 50.0)))
