"""Build the real things: the knowledge, the recogniser, the store, the assistant. The only place that does."""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.services.answering.service import Answering, answerable, entity_names, phrasings
from intents.cache import SHIPPED_FOLDER, cache_folder
from intents.compile import Model, compile_model, data_fingerprint, load_model, save_model
from intents.entities import Gazetteer
from intents.errors import ModelError
from intents.recognize import Recognizer
from knowledge.compiled import freeze, thaw
from knowledge.queries import Knowledge

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.services.assistant import RolecallAssistant
    from bot.store.base import Store
    from bot.store.sqlite import SqliteStore
    from knowledge.schema import Pack

DEFAULT_PACK = "ai-product"

PACKS = Path(__file__).parent.parent / "knowledge" / "packs"
EXAMPLES = Path(__file__).parent.parent / "intents" / "data"


def load_knowledge(pack: str | None = None, folder: Path | None = None, overlay: Path | None = None) -> Knowledge:
    """The knowledge of a pack that ships, or of a folder, with the organisation's overlay on top.

    What was checked once is read back compiled. Raises SettingsError, and KnowledgeError with every problem.
    """
    place = folder or _shipped_pack(pack or DEFAULT_PACK)
    fingerprint = _fingerprint(place, overlay)
    for cache in (SHIPPED_FOLDER, cache_folder()):
        try:
            text = (cache / f"{fingerprint}.json").read_text(encoding="utf-8")
            return Knowledge(thaw(text))
        except (OSError, ValueError):
            continue
    checked = _read_pack(place, overlay, fingerprint)
    text = freeze(checked)
    _write(cache_folder() / f"{fingerprint}.json", text)
    return Knowledge(thaw(text))


def load_recognizer(knowledge: Knowledge) -> Recognizer:
    """What understands questions about this knowledge: compiled, from the program, the cache, or now."""
    names = entity_names(knowledge)
    key = sha256((knowledge.pack.checksum + data_fingerprint(EXAMPLES)).encode()).hexdigest()[:24]
    order = [stage.id for stage in knowledge.pack.stages]
    return Recognizer(_model(key, knowledge), Gazetteer(names), order, answerable(knowledge))


def load_answering(pack: str | None = None, folder: Path | None = None, overlay: Path | None = None) -> Answering:
    """Everything that answers questions about a pack."""
    knowledge = load_knowledge(pack, folder, overlay)
    return Answering(knowledge, load_recognizer(knowledge))


def open_store(path: Path) -> SqliteStore:
    """The database at `path`, made or migrated where needed; raises StoreError."""
    from bot.store.sqlite import SqliteStore

    return SqliteStore(path)


def build_assistant(
    store: Store,
    pack: str | None = None,
    folder: Path | None = None,
    overlay: Path | None = None,
    *,
    settings: Settings | None = None,
    plain_people: bool = False,
) -> RolecallAssistant:
    """The assistant over a store. `plain_people`: "@ana" is a person and her name, as in the terminal."""
    from bot.config import load_settings
    from bot.services.assistant import RolecallAssistant
    from bot.services.request import Rules

    settings = settings or load_settings()
    return RolecallAssistant(
        store,
        load_answering(pack, folder, overlay),
        Rules(settings.policy, settings.gates, frozenset(settings.admins), settings.command_prefix),
        names=(lambda team, user: user) if plain_people else None,
        maintainers_channel=settings.maintainers_channel,
        plain_people=plain_people,
    )


def serve_slack(
    settings: Settings,
    db: Path,
    *,
    host: str,
    port: int,
    pack: str | None = None,
    folder: Path | None = None,
    overlay: Path | None = None,
) -> int:
    """Serve Slack until the process is asked to stop; the exit status."""
    from bot.digest_background import digest_background
    from bot.serving import serve

    store = open_store(db)
    assistant = build_assistant(store, pack, folder, overlay, settings=settings)
    digests = digest_background(
        lambda: assistant.knowledge,
        prefix=settings.command_prefix,
        maintainers_channel=settings.maintainers_channel,
    )
    return serve(settings, assistant, store, port, host=host, background=[digests])


def _model(key: str, knowledge: Knowledge) -> Model:
    for cache in (SHIPPED_FOLDER, cache_folder()):
        try:
            return load_model(cache / key)
        except ModelError:
            continue
    model = compile_model(EXAMPLES, entity_names(knowledge), phrasings(knowledge))
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time at the next start, nothing else
        save_model(model, cache_folder() / key)
    return model


def _shipped_pack(name: str) -> Path:
    if (PACKS / name / "framework.yaml").is_file():
        return PACKS / name
    known = sorted(path.parent.name for path in PACKS.glob("*/framework.yaml"))
    raise SettingsError(f"There is no pack {name!r}. These ship with Rolecall: {', '.join(known)}.")


def _read_pack(folder: Path, overlay: Path | None, fingerprint: str) -> Pack:
    from knowledge.loader import load

    return load(folder).model_copy(update={"checksum": fingerprint})


def _fingerprint(folder: Path, overlay: Path | None) -> str:
    """A hash of the pack's files and of the code that reads them."""
    digest = sha256()
    readers = Path(__file__).parent.parent / "knowledge"
    for path in [*sorted(readers.glob("*.py")), *sorted(folder.glob("*.yaml")), *([overlay] if overlay else [])]:
        digest.update(path.name.encode())
        try:
            digest.update(path.read_bytes())
        except OSError:
            digest.update(b"unreadable")
    return digest.hexdigest()[:24]


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all; a cache that cannot be written is no error."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        return
