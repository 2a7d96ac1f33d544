# Build: wheels and a virtual environment, with what building needs.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/rolecall
COPY requirements.lock ./
RUN /opt/rolecall/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY bot ./bot
COPY intents ./intents
COPY knowledge ./knowledge
RUN /opt/rolecall/bin/pip install --no-cache-dir --no-deps . \
    && /opt/rolecall/bin/pip uninstall --yes pip setuptools

# Run: only the environment, as a user who owns nothing but the database's folder.
FROM python:3.11-slim
RUN python -m pip uninstall --yes pip setuptools wheel \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin rolecall \
    && install --directory --owner rolecall --group rolecall /data
COPY --from=build /opt/rolecall /opt/rolecall
ENV PATH=/opt/rolecall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ROLECALL_DB=/data/rolecall.db \
    XDG_CACHE_HOME=/data/.cache
USER rolecall
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/healthz', timeout=4)"]
ENTRYPOINT ["rolecall"]
CMD ["serve", "--port", "3000"]
