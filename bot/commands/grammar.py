"""The slash commands as data: parser, help, app manifest and README follow from this table.

Usage and examples may hold `{stage}`, `{next_stage}`, `{earlier_stage}`, `{role}`, `{other_role}` and `{decision}`,
which `bot.commands.usage` fills from the pack, so that nobody is taught the words of another framework.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a command does. `usage` and `examples` leave out the command itself.

    `needs`: what a pack must have for the verb to make sense: "roles" or "decisions". `bare`: the command's words
    begin with what is given, not with the verb.
    """

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...] = ()
    changes: bool = False
    needs: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; `summary` and `hint` are what Slack shows as people type."""

    name: str
    summary: str
    hint: str
    verbs: tuple[Verb, ...]

    def verb(self, name: str) -> Verb | None:
        """The verb of this name."""
        return next((verb for verb in self.verbs if verb.name == name), None)


ASK = Command(
    "ask",
    "Ask who owns what, at which stage, or about a product",
    "[question]",
    (Verb("ask", "QUESTION", "answers, for you alone", ("who owns {stage}?", "what is next?"), bare=True),),
)

PRODUCT = Command(
    "product",
    "Products: new, list, show, rename, link, archive, restore",
    "new | list | show | rename | link | archive | restore",
    (
        Verb(
            "new",
            'new NAME [ROLE @USER]… [about "TEXT"] [in #CHANNEL] [at STAGE]',
            "begins a product; `at STAGE` takes over one that is already under way",
            ('new "Churn model" {role} @ana in #churn', 'new "Price finder" about "what to charge" at {next_stage}'),
            changes=True,
        ),
        Verb(
            "list",
            "list [STAGE] [mine] [all]",
            "the products; `all` with archived ones",
            ("list", "list {stage}", "list mine"),
        ),
        Verb("show", "show P", "all about a product", ("show churn-model",)),
        Verb(
            "rename",
            "rename P to NAME",
            "a new name; the old one still finds it",
            ('rename churn-model to "Churn radar"',),
            True,
        ),
        Verb("link", "link P #CHANNEL", "makes a channel the product's own", ("link churn-model #churn",), True),
        Verb("archive", "archive P", "leaves it out of lists", ("archive churn-model",), True),
        Verb("restore", "restore P", "takes it out of the archive", ("restore churn-model",), True),
    ),
)

ROLE = Command(
    "role",
    "Who plays which role on which product",
    "assign | remove | replace | list",
    (
        Verb(
            "assign",
            "assign @USER as ROLE on P",
            "gives a person a role",
            ("assign @ana as {role} on churn-model",),
            True,
            "roles",
        ),
        Verb(
            "remove",
            "remove @USER as ROLE on P",
            "takes the role back",
            ("remove @ana as {role} on churn-model",),
            True,
            "roles",
        ),
        Verb(
            "replace",
            "replace @OLD with @NEW [on P]",
            "hands all roles of one person to another",
            ("replace @ana with @ben on churn-model",),
            True,
            "roles",
        ),
        Verb("list", "list [P or @USER]", "who has which role", ("list churn-model", "list @ana")),
    ),
)

STAGE = Command(
    "stage",
    "Where products are, and moving them",
    "status | history | advance | open | back | decide | undo",
    (
        Verb("status", "status [P]", "where it is, since when, who, what is next", ("status", "status churn-model")),
        Verb("history", "history P", "all that happened to it", ("history churn-model",)),
        Verb(
            "advance",
            "advance P [to STAGE] [because REASON]",
            "closes what is open and enters the next stage",
            ("advance churn-model", "advance churn-model to {next_stage} because data is ready"),
            True,
        ),
        Verb(
            "open",
            "open P STAGE",
            "enters the next stage while the present one stays open",
            ("open churn-model {next_stage}",),
            True,
        ),
        Verb(
            "back",
            "back P to STAGE because REASON",
            "returns to an earlier stage",
            ('back churn-model to {stage} because "something was missed"',),
            True,
        ),
        Verb(
            "decide",
            "decide P OPTION [FIELD VALUE]… [because REASON]",
            "takes the decision that a stage needs",
            ("decide churn-model {decision} because all agreed",),
            True,
            "decisions",
        ),
        Verb("undo", "undo P", "takes back the last of these changes", ("undo churn-model",), True),
    ),
)

DIGEST = Command(
    "digest",
    "The daily digest of this channel, or your own",
    "now | on HH:MM | off | status | me on HH:MM | me off",
    (
        Verb("now", "now", "shows it to you", ("now",)),
        Verb(
            "on",
            "on HH:MM [daily or weekdays or mon,thu…] [ZONE] [for linked or all or STAGE or @USER] [quiet]",
            "posts it here every day; `quiet`: only when something is new",
            ("on 08:30 weekdays Europe/Madrid", "on 09:00 mon,thu for {stage} quiet"),
        ),
        Verb("off", "off", "stops it", ("off",)),
        Verb("status", "status", "when it comes, and of what", ("status",)),
        Verb("me", "me on HH:MM … or me off", "your own, by direct message", ("me on 08:30", "me off")),
    ),
)

COMMANDS: tuple[Command, ...] = (ASK, PRODUCT, ROLE, STAGE, DIGEST)


def command_named(name: str) -> Command | None:
    """The command of this name, with or without its slash."""
    return next((command for command in COMMANDS if command.name == name.removeprefix("/").casefold()), None)
