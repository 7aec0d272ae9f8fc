# Sourced by run and test: packages, Node.js, build.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '== %s\n' "$*" >&2; }

# packages <what for>...: names from the list
packages() {
  local wanted
  for wanted in "$@"; do
    awk -v wanted="$wanted" '$1 == wanted { print $2 }' "$root/scripts/packages"
  done
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_missing <what for>...: asks for nothing and touches nothing when all is there
install_missing() {
  local name missing=()
  for name in $(packages "$@"); do
    is_installed "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "packages are missing, and this is neither root nor is there sudo. As root: apt-get install ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

node_is_recent() { command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; }

# Node.js 20 or newer. Debian 12 has 18; its npm then brings a newer one into build/.
ensure_node() {
  if node_is_recent && command -v npm >/dev/null; then return 0; fi
  install_missing node
  if node_is_recent; then return 0; fi
  local folder=$root/build/node
  if ! [ -x "$folder/node_modules/node/bin/node" ]; then
    mkdir -p "$folder"
    cp "$root/scripts/node/package.json" "$root/scripts/node/package-lock.json" "$folder/"
    say "Node.js from npm into build/node"
    npm ci --prefix "$folder" --no-audit --no-fund >&2
  fi
  PATH=$folder/node_modules/node/bin:$PATH
  # The headers of that version, for packages of the tests with a part in C++.
  npm_config_nodedir=$(echo "$folder"/node_modules/node/node_modules/node-linux-*)
  export PATH npm_config_nodedir
  node_is_recent
}

# build <preset> [cmake options...]; `targets` narrows it down, `jobs` may be set
targets=()
build() {
  local preset=$1 launcher=() chosen=()
  shift
  if [ ${#targets[@]} -gt 0 ]; then chosen=(--target "${targets[@]}"); fi
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  (
    cd "$root" || exit 1
    cmake --preset "$preset" "${launcher[@]}" "$@" >&2 &&
      cmake --build --preset "$preset" --parallel "${jobs:-$(nproc)}" "${chosen[@]}" >&2
  )
}
