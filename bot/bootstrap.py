"""Build the real things: the knowledge, the recogniser, the store, the assistant. The only place that does."""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.services.answering.service import Answering, answerable, entity_names, phrasings
from intents.cache import SHIPPED_FOLDER, cache_folder, content_key
from intents.compile import Model, compile_model, data_fingerprint, load_model, save_model
from intents.entities import Gazetteer
from intents.errors import ModelError
from intents.recognize import Recognizer
from knowledge.compiled import freeze, thaw
from knowledge.queries import Knowledge

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Settings
    from bot.reload import KnowledgeWatcher
    from bot.services.assistant import RolecallAssistant
    from bot.store.base import Store
    from bot.store.sqlite import SqliteStore
    from knowledge.schema import Pack

DEFAULT_PACK = "ai-product"

PACKS = Path(__file__).parent.parent / "knowledge" / "packs"
EXAMPLES = Path(__file__).parent.parent / "intents" / "data"
LARGEST_FILE = 5_000_000
"""Larger files are refused by the loader (`knowledge.yaml_file.MAX_BYTES`)."""


def load_knowledge(pack: str | None = None, folder: Path | None = None, overlay: Path | None = None) -> Knowledge:
    """The knowledge of a pack that ships, or of a folder, with the organisation's overlay on top.

    What was checked once is read back compiled. Raises SettingsError, and KnowledgeError with every problem.
    """
    place = knowledge_folder(pack, folder)
    fingerprint = knowledge_fingerprint(place, overlay)
    for cache in (SHIPPED_FOLDER, cache_folder()):
        try:
            text = (cache / f"{fingerprint}.json").read_text(encoding="utf-8")
            return Knowledge(thaw(text))
        except (OSError, ValueError):
            continue
    text = freeze(read_pack(place, overlay).model_copy(update={"checksum": fingerprint}))
    _write(cache_folder() / f"{fingerprint}.json", text)
    return Knowledge(thaw(text))


def load_recognizer(knowledge: Knowledge) -> Recognizer:
    """What understands questions about this knowledge: compiled, from the program, the cache, or now."""
    names = entity_names(knowledge)
    said = [(n.kind, n.id, n.name, n.title) for n in names]
    key = content_key(data_fingerprint(EXAMPLES), said, phrasings(knowledge))
    order = [stage.id for stage in knowledge.pack.stages]
    return Recognizer(_model(key, knowledge), Gazetteer(names), order, answerable(knowledge))


def load_answering(pack: str | None = None, folder: Path | None = None, overlay: Path | None = None) -> Answering:
    """Everything that answers questions about a pack."""
    knowledge = load_knowledge(pack, folder, overlay)
    return Answering(knowledge, load_recognizer(knowledge))


def watch_knowledge(
    in_use: str,
    swap: Callable[[Answering], None],
    pack: str | None = None,
    folder: Path | None = None,
    overlay: Path | None = None,
) -> KnowledgeWatcher[Answering]:
    """A watcher that gives `swap` a new Answering when the files are no longer those with the checksum `in_use`."""
    from bot.reload import KnowledgeWatcher

    place = knowledge_folder(pack, folder)
    return KnowledgeWatcher(
        [place, *([overlay] if overlay else [])],
        lambda: load_answering(pack, folder, overlay),
        swap,
        lambda: knowledge_fingerprint(place, overlay),
        in_use,
    )


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
    watcher = watch_knowledge(assistant.pack_checksum, assistant.exchange, pack, folder, overlay)
    digests = digest_background(
        lambda: assistant.knowledge,
        prefix=settings.command_prefix,
        maintainers_channel=settings.maintainers_channel,
    )
    return serve(
        settings,
        assistant,
        store,
        port,
        host=host,
        background=[lambda app: watcher, digests],
        knowledge_problem=watcher.problem,
    )


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


def knowledge_folder(pack: str | None = None, folder: Path | None = None) -> Path:
    """Where the pack in use lives: the folder that was set, else the named pack, else the default one."""
    if folder is not None:
        return folder
    name = pack or DEFAULT_PACK
    known = sorted(path.parent.name for path in PACKS.glob("*/framework.yaml"))
    if name in known:
        return PACKS / name
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise SettingsError(f"There is no pack {name!r}.{hint} These ship with Rolecall: {', '.join(known)}.")


def read_pack(folder: Path, overlay: Path | None = None) -> Pack:
    """The pack as its files have it, checked, with the overlay on top. Problems name the files by their paths."""
    from knowledge.errors import KnowledgeError
    from knowledge.loader import load

    try:
        pack = load(folder)
    except KnowledgeError as error:
        raise error.within(folder) from None
    if overlay is None:
        return pack
    from knowledge.overlay import apply

    try:
        return apply(pack, overlay)
    except KnowledgeError as error:
        raise error.within(overlay.parent) from None


def knowledge_fingerprint(folder: Path, overlay: Path | None = None) -> str:
    """A hash of the pack's files, of the overlay and of the code that reads them."""
    digest = sha256()
    readers = Path(__file__).parent.parent / "knowledge"
    paths = [*sorted(readers.glob("*.py")), *sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))]
    for path in [*paths, *([overlay] if overlay else [])]:
        digest.update(f"{path.name}:{path.is_symlink()}:".encode())
        try:
            # What the loader would refuse unread is not read here either: a device has no end.
            if not path.is_file() or path.stat().st_size > LARGEST_FILE:
                raise OSError("not a file to read")
            raw = path.read_bytes()
            digest.update(f"{len(raw)}:".encode())
            digest.update(raw)
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
