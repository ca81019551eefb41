# One image a language, from the packages that its kernel.yaml names:
#   docker build --build-arg APT="gcc libc6-dev" --build-arg BACKPORTS="" --build-arg PIP="" -f Dockerfile harness/execute/programs
# `python -m harness build` does this for every language. It needs no feature of BuildKit, and none of the plain builder.
# Another image to start from is one of Debian's kind, such as python:3.12-slim.
ARG BASE=debian:trixie-slim
FROM $BASE

# Debian packages; those in BACKPORTS come from trixie-backports, with what they depend on (-t, since naming
# only the package would leave its parts behind at the older version).
ARG APT=""
ARG BACKPORTS=""
RUN export DEBIAN_FRONTEND=noninteractive \
 && if [ -n "$BACKPORTS" ]; then \
      sed -i '/^Suites:.*trixie-updates/ s/$/ trixie-backports/' /etc/apt/sources.list.d/debian.sources; \
    fi \
 && if [ -n "$APT$BACKPORTS" ]; then \
      apt-get update -qq \
      && if [ -n "$APT" ]; then apt-get install -y -qq --no-install-recommends $APT; fi \
      && if [ -n "$BACKPORTS" ]; then apt-get install -y -qq --no-install-recommends -t trixie-backports $BACKPORTS; fi \
      && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb; \
    fi

# Packages from PyPI, in a virtual environment that is first on the path.
ARG PIP=""
RUN if [ -n "$PIP" ]; then \
      export DEBIAN_FRONTEND=noninteractive \
      && apt-get update -qq \
      && apt-get install -y -qq --no-install-recommends python3-venv \
      && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
      && python3 -m venv /opt/venv \
      && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet $PIP; \
    fi
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# No kernel needs more than an ordinary user may do.
USER 1000:1000
WORKDIR /
