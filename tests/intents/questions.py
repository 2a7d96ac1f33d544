"""A few example questions of three intents, for tests that need a classifier."""

from __future__ import annotations

EXAMPLES: dict[str, list[str]] = {
    "owner": [
        "who owns deployment",
        "who is responsible for the data pipeline",
        "whose job is monitoring",
        "who takes care of labelling",
        "who is accountable for the model",
        "who looks after the servers",
    ],
    "weather": [
        "what is the weather tomorrow",
        "will it rain today",
        "is it going to snow this week",
        "how hot is it outside",
        "do i need an umbrella",
        "give me the forecast for monday",
    ],
    "greeting": [
        "hello there",
        "good morning",
        "hi, how are you",
        "hey bot",
        "good evening to you",
        "nice to see you",
    ],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]
