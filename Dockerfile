# geo-service as an image: the command line with all that it needs at run time, as a user that is not root.
#
#   docker build --tag geo-service .
#   docker run --rm --volume "$PWD:/data" --user "$(id -u):$(id -g)" geo-service \
#       access villages.gpkg -f hospital=hospitals.geojson --boundaries kaz-adm1 --by region -o access.gpkg
#   docker run --rm --volume geo-service-boundaries:/var/lib/geo-service/boundaries geo-service \
#       boundaries fetch kaz-adm2-geokz
#   docker run --rm --volume "$PWD:/data:ro" --volume geo-service-rounds:/var/lib/geo-service/rounds geo-service \
#       rounds import B1.xlsx B2.xlsx --round 3 --country KAZ
#   docker run --rm --volume geo-service-rounds:/var/lib/geo-service/rounds --volume geo-service-releases:/var/lib/geo-service/releases \
#       geo-service releases publish --round 3 --country KAZ
#   docker run --rm --volume geo-service-access:/var/lib/geo-service/access geo-service tokens add "GIS unit" --role analyst
#   docker run --detach --publish 127.0.0.1:8000:8000 --volume geo-service-releases:/var/lib/geo-service/releases \
#       --volume geo-service-access:/var/lib/geo-service/access --volume geo-service-jobs:/var/lib/geo-service/jobs \
#       geo-service serve --host 0.0.0.0 --workers 2
#
# The base is pinned to a patch release of Python and a release of Debian. A tag can be moved, a digest cannot: where builds have to
# be repeatable, give the digest that you have checked:
#
#   docker build --build-arg PYTHON_IMAGE=python:3.11.15-slim-bookworm@sha256:DIGEST .
#
# Everything from PyPI is a wheel with a checksum in requirements/, so no stage has a compiler.

ARG PYTHON_IMAGE=python:3.11.15-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# The project's own wheel.
FROM base AS wheel
WORKDIR /src
COPY requirements/build.txt requirements/build.txt
RUN python -m pip install --only-binary=:all: --require-hashes --no-deps -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY boundaries/ATTRIBUTION.md boundaries/kaz_adm1.geojson boundaries/sources.toml boundaries/
COPY geo_service geo_service
RUN python -m hatchling build --target wheel --directory /dist

# An environment with the dependencies and that wheel. It goes into the image as a whole; pip itself stays behind.
FROM base AS environment
WORKDIR /src
RUN python -m venv --without-pip /opt/geo-service
COPY requirements/runtime.txt requirements/runtime.txt
RUN python -m pip --python /opt/geo-service/bin/python install \
        --only-binary=:all: --require-hashes --no-deps -r requirements/runtime.txt
COPY --from=wheel /dist/ /dist/
RUN python -m pip --python /opt/geo-service/bin/python install --no-index --no-deps /dist/*.whl

FROM base AS runtime
LABEL org.opencontainers.image.title="geo-service" \
      org.opencontainers.image.description="Village coverage and exact service-access distances for humanitarian mobility tracking" \
      org.opencontainers.image.licenses="Apache-2.0"

# What the wheels ask of the system, by the NEEDED entries of all their shared objects. GDAL, GEOS, PROJ, libspatialindex, Arrow,
# OpenBLAS, lz4 and bzip2 come inside the wheels. From outside come glibc, libgcc_s, libstdc++ and zlib, which
# apt and dpkg bring to every Debian; and libexpat, for osmium, which slim images no longer carry.
# It takes the security fixes of the day, so its version is not pinned: Debian keeps only the newest.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1 \
    && rm -rf /var/lib/apt/lists/*

# Where fetched and added boundary sets, imported rounds, releases, hashes of tokens and uploads are kept, and what matplotlib knows of fonts. Whoever the container runs as may add to them (--user, as above).
ENV GEO_SERVICE_BOUNDARIES_DIRECTORY=/var/lib/geo-service/boundaries \
    GEO_SERVICE_ROUNDS_DIRECTORY=/var/lib/geo-service/rounds \
    GEO_SERVICE_RELEASES_DIRECTORY=/var/lib/geo-service/releases \
    GEO_SERVICE_AUTH_TOKENS=/var/lib/geo-service/access/tokens.json \
    GEO_SERVICE_UPLOADS_DIRECTORY=/var/lib/geo-service/jobs \
    MPLCONFIGDIR=/var/cache/geo-service \
    PATH=/opt/geo-service/bin:$PATH
RUN groupadd --gid 10001 geo-service \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin geo-service \
    && install --directory --owner=10001 --group=10001 --mode=1777 \
        "$GEO_SERVICE_BOUNDARIES_DIRECTORY" "$GEO_SERVICE_ROUNDS_DIRECTORY" "$GEO_SERVICE_RELEASES_DIRECTORY" \
        "$MPLCONFIGDIR" \
    && install --directory --owner=10001 --group=10001 --mode=0700 "$(dirname "$GEO_SERVICE_AUTH_TOKENS")" "$GEO_SERVICE_UPLOADS_DIRECTORY" \
    && install --directory --owner=10001 --group=10001 /data
COPY --from=environment /opt/geo-service /opt/geo-service

VOLUME ["/var/lib/geo-service/boundaries", "/var/lib/geo-service/rounds", "/var/lib/geo-service/releases", \
    "/var/lib/geo-service/access", "/var/lib/geo-service/jobs"]
EXPOSE 8000
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["geo-service"]
CMD ["--help"]
