# How to deploy, read in place; tests/docs-commands holds it to the command.
EXTRA_DIST += \
  %D%/README.md \
  %D%/cgi.md \
  %D%/cloudflare-workers.md \
  %D%/deltas.md \
  %D%/deltas.svg \
  %D%/fastly.md \
  %D%/hosts.svg \
  %D%/kubernetes.md \
  %D%/node.md \
  %D%/parity.md \
  %D%/releases.md \
  %D%/wasi-http.md \
  %D%/workflows/cgi.yml \
  %D%/workflows/cloudflare-workers.yml \
  %D%/workflows/fastly.yml \
  %D%/workflows/kubernetes.yml \
  %D%/workflows/lambda-edge.yml \
  %D%/workflows/node.yml \
  %D%/workflows/releases.yml \
  %D%/workflows/wasi-http.yml
