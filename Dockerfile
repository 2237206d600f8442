# An MCP server over stdio: docker run --rm -i -e CONVIRZA_TOKEN convirza-mcp
FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY convirza_mcp convirza_mcp
# Compile here, once. The folder is read-only later, so each start would compile again.
RUN python -m venv /opt/convirza-mcp && /opt/convirza-mcp/bin/pip install --no-cache-dir --compile ".[http,holidays,redis]"

FROM python:3.13-slim-trixie
LABEL io.modelcontextprotocol.server.name="io.github.OWNER/convirza-mcp" \
      org.opencontainers.image.title="convirza-mcp" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.source="https://github.com/OWNER/convirza-mcp" \
      org.opencontainers.image.licenses="MIT"
# Certificates for https, and time zones. Unpinned: an old list of certificate authorities is a fault.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --no-install-recommends --yes ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
# Create the private folder with its owner and mode, so that a volume mounted there inherits them.
RUN useradd --create-home --uid 10001 convirza \
    && install --directory --owner=convirza --group=convirza --mode=0700 \
        /home/convirza/.local /home/convirza/.local/state /home/convirza/.local/state/convirza-mcp
COPY --from=build /opt/convirza-mcp /opt/convirza-mcp
ENV PATH=/opt/convirza-mcp/bin:$PATH
USER 10001:10001
WORKDIR /home/convirza
ENTRYPOINT ["convirza-mcp"]
CMD ["serve"]
