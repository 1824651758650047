# The studio and its UI on one home: docker build -t studio . && docker run -p 3000:3000 -v studio:/studio studio
# The lock names wheels for Linux x86-64, so build with --platform linux/amd64 elsewhere.
FROM python:3.11-slim

WORKDIR /opt/studio
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md workspace.yaml ./
COPY studio_pipeline studio_pipeline
COPY assets assets
COPY examples examples
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .

ENV STUDIO_HOME=/studio
VOLUME /studio
EXPOSE 3000
CMD ["studio", "ui", "--host", "0.0.0.0"]
