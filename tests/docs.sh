#!/bin/sh
# tests/docs.sh: do the manual, the completions and the headers still say what
# the library and the command do?  Run by `make check` in the build folder.
# SPDX-License-Identifier: MIT
set -u
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
scratch=$(mktemp -d ./docs-XXXXXX) || exit 1
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# test_ WHAT COMMAND...: passes when the command says nothing and succeeds.
test_() {
  what=$1
  shift
  if out=$("$@" 2>&1) && test -z "$out"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $what"
    echo "$out" | head -n 20
  fi
}

# same FILE FILE: lines that only one of two sorted lists has.
same() {
  comm -3 "$1" "$2"
}

# ---- The API: header, shared library, section 3 ----

# What headers declare, the inline function too.
declared() {
  cat "$@" | tr '\n' ' ' |
    grep -oE '(EDGESTATIC_API|static inline) [^;{]*' |
    grep -oE 'edgestatic_[a-z_]+\(' | tr -d '(' | sort -u
}

# What section 3 describes: the names of a page, and the functions in its
# synopsis, which have to be the same.
described() {
  cat "$@" | sed -n 's/^\.F[no] "\{0,1\}\(edgestatic_[a-z_]*\).*/\1/p' | sort -u
}

# All headers but the adapter's are those of one library.
for name in edgestatic edgestatic_mhd; do
  if test $name = edgestatic_mhd; then
    declared "$top/include/edgestatic_mhd.h" >"$scratch/declared"
    described "$top/man/edgestatic_mhd.3" >"$scratch/described"
  else
    find "$top/include" -name '*.h' ! -name edgestatic_mhd.h | sort |
      while read -r header; do declared "$header"; done |
      sort -u >"$scratch/declared"
    find "$top/man" -name '*.3' ! -name edgestatic_mhd.3 -exec cat {} + |
      sed -n 's/^\.F[no] \(edgestatic_[a-z_]*\).*/\1/p' |
      sort -u >"$scratch/described"
  fi
  test_ "$name.h and section 3 know the same functions" \
    same "$scratch/declared" "$scratch/described"
  library=.libs/lib$name.so
  if test -e $library; then
    nm -D --defined-only $library | awk '$2 ~ /[A-Z]/ { print $3 }' |
      grep -v '^_' | sort -u >"$scratch/exported"
    grep -vx edgestatic_segment_bytes "$scratch/declared" >"$scratch/real"
    test_ "$name.h and the shared library have the same functions" \
      same "$scratch/real" "$scratch/exported"
  fi
done

for page in "$top"/man/*.3; do
  sed -n -e '/^\.Sh LIBRARY/q' -e 's/^\.Nm \(edgestatic_[a-z_]*\).*/\1/p' \
    "$page" | sort -u >"$scratch/names"
  described "$page" >"$scratch/described"
  base=$(basename "$page" .3)
  # A page may have a name of its own, after an object and not a function.
  grep -qx "$base" "$scratch/described" || echo "$base" >>"$scratch/described"
  grep -qx "$base" "$scratch/names" || echo "$base" >>"$scratch/names"
  sort -u -o "$scratch/described" "$scratch/described"
  sort -u -o "$scratch/names" "$scratch/names"
  test_ "$base.3 is named after all of its functions" \
    same "$scratch/names" "$scratch/described"
done

# errors HEADER PREFIX: the codes that an X-macro lists.
errors() {
  sed -n '/_ERRORS(X)/,/[^\\]$/p' "$top/include/$1" |
    sed -n "s/^ *X(\([A-Z_]*\), .*/$2\1/p"
}
for code in $(errors edgestatic.h EDGESTATIC_) \
  $(errors edgestatic_mhd.h EDGESTATIC_MHD_ERR_); do
  test_ "$code is in section 3" sh -c "grep -qw $code '$top'/man/*.3 || echo no"
done

# ---- The pack format ----

for member in $(sed -n '/^typedef struct/,/^}/p' \
  "$top/libedgestatic/core/format.h" | sed 's|/\*.*||' |
  sed -n 's/^  [a-z0-9_ ]* \([a-z].*\);.*/\1/p' | tr -d ',' |
  sed 's/\[[^]]*\]//g'); do
  test "$member" = b || test_ "edgestatic-pack(5) explains $member" \
    sh -c "grep -qE '^\.(It .* )?Va $member( |$)' '$top/man/edgestatic-pack.5' ||
      echo no"
done

# The worked example is a pack that is built here.
if test -x ./edgestatic; then
  mkdir "$scratch/site"
  printf 'hi\n' >"$scratch/site/a.txt"
  touch -d @0 "$scratch/site/a.txt"
  ./edgestatic build "$scratch/site" -o "$scratch/a.edgepack" -q --no-cache
  od -A x -t x1 -v "$scratch/a.edgepack" >"$scratch/dump"
  grep -E '^[0-9a-f]{6} ' "$top/man/edgestatic-pack.5" >"$scratch/printed"
  other() {
    grep -vxF -f "$scratch/dump" "$scratch/printed"
    test -s "$scratch/printed"
  }
  test_ 'edgestatic-pack(5) prints a pack as it is' other
fi

# ---- The command: --help, section 1, completions ----

# "-q --quiet" and "--json" of --help as lines "--quiet -q" and "--json".
options() {
  ./edgestatic "$1" --help |
    sed -nE -e 's/^  -(.), --([a-z-]+).*/--\2 -\1/p' \
      -e 's/^      --([a-z-]+).*/--\1/p'
}

# Section 1 from `.Ss VERB' to the next.
section() {
  sed -n "/^\.Ss $1\$/,/^\.S[hs] /p" "$top/man/edgestatic.1"
}

# in_manual VERB: options that are not in its part of section 1.  Those that
# serve, publish and release share with build are in the part of build, as are those
# that explain shares with get.
in_manual() {
  case $1 in
    serve | publish | release) section build ;;
    explain) section get ;;
  esac >"$scratch/part"
  section "$1" >>"$scratch/part"
  options "$1" | while read -r long letter; do
    test "$long" != --help || continue
    item="-${long#--}"
    test -z "$letter" || item="${letter#-} , $item"
    grep -qE "^\.It Fl $item( |\$)" "$scratch/part" || echo "$long"
  done
}

# What bash offers for "edgestatic VERB -".
in_bash() {
  bash -c '
    . "$1"
    COMP_WORDS=(edgestatic "$2" --) COMP_CWORD=2
    compopt() { :; }
    _edgestatic
    printf "%s\n" "${COMPREPLY[@]}"' - \
    "$top/cli/completion/edgestatic.bash" "$1" | sort >"$scratch/offered"
  options "$1" | cut -d' ' -f1 | sort | same - "$scratch/offered"
}

# The part of zsh's function about a verb, and the lists that it takes.
in_zsh() {
  file=$top/cli/completion/_edgestatic
  {
    sed -n "/^    \(.* | \)\{0,1\}$1\( | .*\)\{0,1\})\$/,/;;/p" "$file"
    echo "{-h,--help}'"
    case $1 in
      build | serve | publish | release) sed -n '/^  build=(/,/^  )/p' "$file" ;;
      get | explain) sed -n '/^  request=(/,/^  )/p' "$file" ;;
    esac
  } | grep -oE -e "(\{-.,|['*) ]|^)--[a-z-]+[}=['\[]" |
    grep -oE -e '--[a-z-]+' | sort -u >"$scratch/offered"
  options "$1" | cut -d' ' -f1 | sort | same - "$scratch/offered"
}

if test -x ./edgestatic; then
  ./edgestatic --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' \
    >"$scratch/verbs"
  while read -r verb; do
    options "$verb" >"$scratch/options"
    test_ "$verb has options" grep -qx -- '--help -h' "$scratch/options"
    test_ "edgestatic(1) has the options of $verb" in_manual "$verb"
    test_ "bash completes the options of $verb" in_bash "$verb"
    test_ "zsh completes the options of $verb" in_zsh "$verb"
    test_ "bash completes $verb" sh -c \
      "grep -q \"commands='.*$verb\" '$top/cli/completion/edgestatic.bash' ||
        echo no"
    test_ "zsh completes $verb" sh -c \
      "grep -q \"'$verb:\" '$top/cli/completion/_edgestatic' || echo no"
  done <"$scratch/verbs"
  ./edgestatic --help | sed -n '/^Exit status:/,/^$/s/^  \([0-9]\) .*/\1/p' |
    sort >"$scratch/codes"
  sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9]\)/\1/p' \
    "$top/man/edgestatic.1" | sort >"$scratch/documented"
  test_ 'edgestatic(1) has the exit statuses' \
    same "$scratch/codes" "$scratch/documented"
fi
if command -v zsh >/dev/null; then
  test_ 'zsh reads its completion' zsh -n "$top/cli/completion/_edgestatic"
fi

# ---- The pages themselves ----

# A page that is not installed yet cannot be found by mandoc.
lint() {
  mandoc -T lint "$1" 2>/dev/null | grep -v 'referenced manual not found'
  true
}
if command -v mandoc >/dev/null; then
  for page in "$top"/man/*.[135]; do
    test_ "mandoc has nothing to say about $(basename "$page")" lint "$page"
  done
else
  echo 'mandoc is missing: the pages are not linted'
fi

# The programs in them compile.
example() {
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" |
    sed -n '/^\.Bd/,/^\.Ed/p' | grep -v '^\.' | sed 's/\\e/\\/g' \
    >"$scratch/$2.c"
  test -s "$scratch/$2.c" && "${CC:-cc}" -std=c11 -Wall -Wextra -Werror \
    -Wno-unused-function -I"$top/include" -fsyntax-only "$scratch/$2.c"
}
test_ 'the example of edgestatic(3) compiles' \
  example "$top/man/edgestatic.3" overview

echo "$passed passed, $failed failed"
test "$failed" = 0
