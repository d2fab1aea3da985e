# bash completion for edgestatic.  SPDX-License-Identifier: MIT
# tests/docs.sh compares it with `edgestatic COMMAND --help'.

_edgestatic_options() {
  local build='--fast --cache --no-cache --threads --html-handling
    --not-found --no-nosniff --dialect --lenient --host --cache-rule
    --cdn-cache-rule --surrogate-rule --cors --cache-tags --fingerprint
    --security-headers --cross-origin-isolation --noindex --csp --preload
    --no-sri --repr-digest --no-deltas --site-dictionary'
  case $1 in
  build) echo --output --json --quiet --previous --keep $build ;;
  serve)
    echo --listen --watch --log --by-host --by-prefix --by-cookie $build
    ;;
  ls) echo --json ;;
  get | explain) echo --request --header ;;
  verify | check) echo --quiet ;;
  embed) echo --output --symbol ;;
  publish)
    echo --target --output --name --force --serve --listen --guests --json \
      --quiet $build
    ;;
  release)
    echo --collection --expires --note --keep-releases --keep-days --no-wait \
      --json --quiet $build
    ;;
  releases) echo --json ;;
  diff) echo --purge --base-url --json ;;
  promote | rollback) echo --no-wait --json --quiet ;;
  expire) echo --keep --no-wait --json --quiet ;;
  lint)
    echo --target --dialect --html-handling --not-found --host --json
    ;;
  gc) echo --dry-run --no-wait --json --quiet ;;
  *) return ;;
  esac
  echo --help
}

_edgestatic() {
  local commands='build serve ls get explain verify check embed publish release releases diff promote rollback expire gc lint'
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local command=${COMP_WORDS[1]}
  local IFS=$' \t\n'
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$commands --help --version" -- "$cur"))
    return
  fi
  case $prev in
  --html-handling) COMPREPLY=($(compgen -W 'auto force drop none' -- "$cur")) ;;
  --not-found) COMPREPLY=($(compgen -W '404-page spa none' -- "$cur")) ;;
  --dialect) COMPREPLY=($(compgen -W 'netlify cloudflare' -- "$cur")) ;;
  --log) COMPREPLY=($(compgen -W 'common json none' -- "$cur")) ;;
  --request | -X) COMPREPLY=($(compgen -W 'GET HEAD OPTIONS' -- "$cur")) ;;
  --target | -t)
    local hosts='fastly wasi-http wasi-http-p3 cgi workers node oci'
    if [[ $command == lint ]]; then
      hosts+=' netlify native'
    fi
    COMPREPLY=($(compgen -W "$hosts" -- "$cur"))
    ;;
  --purge)
    COMPREPLY=($(compgen -W 'plain fastly cloudflare cloudfront' -- "$cur"))
    ;;
  --cache-tags)
    COMPREPLY=($(compgen -W 'surrogate-key cache-tag' -- "$cur"))
    ;;
  --threads | --cache-rule | --cdn-cache-rule | --surrogate-rule | --cors | \
    --fingerprint | --host | --keep | --listen | -l | --header | -H | \
    --symbol | -s | --name) ;;
  --by-host | --by-prefix | --by-cookie | --collection | --expires | \
    --note | --keep-releases | --keep-days | --base-url) ;;
  --cache | --guests)
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    ;;
  *)
    if [[ $cur == -* ]]; then
      COMPREPLY=($(compgen -W "$(_edgestatic_options "$command")" -- "$cur"))
    else
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
    ;;
  esac
}

complete -F _edgestatic edgestatic
