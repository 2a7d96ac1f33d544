"""Small packs for tests that are about rules and commands, not about the facts of a framework."""

from __future__ import annotations

from typing import Any

from knowledge.schema import Pack

LEVELS = [
    {"id": "drives", "name": "drives", "verb": "drives", "verb_plural": "drive", "owner": True},
    {"id": "participates", "name": "participates", "verb": "takes part in", "verb_plural": "take part in"},
]


def make_pack(stages: list[dict[str, Any]], *, ordered: bool = True, **more: Any) -> Pack:
    """A pack of these stages; a stage needs only its id."""
    return Pack.model_validate(
        {
            "framework": {
                "id": more.pop("id", "sample"),
                "name": "the sample framework",
                "version": "1",
                "summary": "For tests.",
                "sources": [{"id": "book", "title": "A book"}],
                "levels": LEVELS,
                "ordered": ordered,
                "lifecycle": {"text": "Stages follow one another."},
                "going_back": {"text": "Any time."},
                "skipping": {"text": "Not described."},
            },
            "stages": [{"name": s["id"].replace("-", " ").title(), "summary": "A stage.", **s} for s in stages],
            **more,
        }
    )


def _role(id_: str, name: str, *aliases: str) -> dict[str, Any]:
    return {"id": id_, "name": name, "aliases": list(aliases), "summary": f"The {name.lower()}."}


def _drives(stage: str, *roles: str) -> list[dict[str, Any]]:
    return [{"role": role, "stage": stage, "level": "drives"} for role in roles]


def ai_product() -> Pack:
    """A pack with the shape of the default one."""
    return make_pack(
        [
            {
                "id": "feasibility",
                "aliases": ["ideation", "inception"],
                "stall_days": 30,
                "gate": {
                    "criteria": [{"text": "Costs are known"}, {"text": "KPIs are agreed"}],
                    "decision": {
                        "id": "buy-or-make",
                        "name": "Buy or make",
                        "options": [
                            {"id": "make", "name": "Make", "aliases": ["build"]},
                            {"id": "buy", "name": "Buy", "aliases": ["purchase"], "closes": "bought"},
                        ],
                        "fields": [
                            {"id": "cost", "name": "cost", "type": "money", "required": True, "example": "120k EUR"},
                            {
                                "id": "kpi",
                                "name": "KPI",
                                "type": "kpi",
                                "required": True,
                                "many": True,
                                "example": "recall above 0.8",
                            },
                        ],
                        "decided_by": ["sponsor"],
                    },
                },
            },
            {
                "id": "data-preparation",
                "aliases": ["data prep"],
                "parallel_with": ["prototyping-testing"],
            },
            {
                "id": "prototyping-testing",
                "name": "Prototyping and Testing",
                "aliases": ["prototyping", "proto", "PoC", "testing"],
            },
            {"id": "productization", "aliases": ["productisation"], "gate": {"criteria": [{"text": "Logs are in"}]}},
            {
                "id": "deployment",
                "name": "Architecting (Deploying)",
                "aliases": ["deploying", "deployment", "live", "in prod"],
                "terminal": True,
            },
        ],
        id="ai-product",
        roles=[
            _role("sponsor", "Sponsor"),
            _role("data-analyst", "Data analyst", "DA"),
            _role("data-engineer", "Data engineer", "DE"),
            _role("data-scientist", "Data scientist", "DS"),
            _role("ai-engineer", "AI engineer", "MLE", "machine learning engineer"),
            _role("devops", "DevOps", "ops"),
        ],
        involvements=[
            *_drives("feasibility", "sponsor"),
            *_drives("data-preparation", "data-analyst", "data-engineer"),
            *_drives("prototyping-testing", "data-scientist", "data-engineer", "ai-engineer"),
            *_drives("productization", "data-engineer", "devops"),
            *_drives("deployment", "devops"),
            {"role": "ai-engineer", "stage": "feasibility", "level": "participates"},
        ],
    )
