# One image for web, worker and beat; docker-compose.yml starts it three times.
ARG PYTHON=python:3.11-slim-bookworm

FROM node:24-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM ${PYTHON} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# Without CUDA the image is 2 GB smaller; set it to "" for the default build of torch.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY constraints.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir -c constraints.txt setuptools wheel cython \
    && /opt/venv/bin/pip install --no-cache-dir -c constraints.txt \
       ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} torch
COPY . .
RUN /opt/venv/bin/pip install --no-cache-dir -c constraints.txt --no-build-isolation -e . \
    && rm -rf build

FROM ${PYTHON}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LOGPLATFORM_HOME=/var/lib/logplatform
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=frontend /app/frontend/dist /app/frontend/dist
RUN useradd --uid 10001 --home-dir "$LOGPLATFORM_HOME" --create-home logplatform
USER logplatform
WORKDIR /var/lib/logplatform
VOLUME /var/lib/logplatform
EXPOSE 8000
CMD ["logplatform", "web", "--host", "0.0.0.0", "--port", "8000"]
