# One node. `docker build -t showroom .`, then see deploy/README.md.

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
# Without pip of its own: nothing that builds or installs gets into the second stage.
RUN python -m venv --without-pip /opt/showroom
COPY pyproject.toml README.md LICENSE ./
COPY showroom showroom
COPY signaling signaling
COPY media media
COPY booking booking
COPY web web
COPY bench bench
RUN pip --python /opt/showroom/bin/python install --no-cache-dir .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin showroom \
    && install --directory --owner showroom --mode 700 /data
COPY --from=build /opt/showroom /opt/showroom
ENV PATH=/opt/showroom/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SHOWROOM_HOST=0.0.0.0 \
    SHOWROOM_PORT=8080 \
    SHOWROOM_DATA_DIR=/data \
    SHOWROOM_LOG_FORMAT=json
USER showroom
WORKDIR /data
# For a node that stands alone, its SQLite file and its embedded Redis; for all, the handoff's files.
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-I", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health', timeout=4)"]
CMD ["showroom", "serve"]
