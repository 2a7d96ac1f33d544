"""The knowledge base: what a framework says of stages, roles and who owns what. Pure: no Slack, no database."""
