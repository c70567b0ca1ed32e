# Sourced by tools/run and tools/test: missing packages, configure, build. Quick when there is nothing to do.
# Before sourcing: top (the repository), yes (1: install without asking), install (0: use what is there).

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

cores() { nproc 2>/dev/null || echo 2; }

# packages_of GROUP...: names in tools/dev/packages.txt
packages_of() {
  awk -v groups=" $* " '!/^#/ && NF && index(groups, " " $1 " ") { print $2 }' "$top/tools/dev/packages.txt"
}

missing_packages() {
  local package
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# Install what is missing of the groups, after listing it.
need_packages() {
  [ "$install" = 1 ] || return 0
  local log=$top/.cache/apt.log as_root="" missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Not Debian or Ubuntu: go ahead when the tools are there in another way.
    if command -v cmake >/dev/null && command -v ninja >/dev/null; then return 0; fi
    say "This machine has no apt. Needed are (Debian names):"
    say "  $(packages_of "$@" | tr '\n' ' ')"
    say ""
    cat "$top/tools/dev/without_root.txt" >&2
    exit 1
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  # The one package that others may stand in the way of (python3-paraview does): the program can do without.
  case " $missing" in *" libvtk9-dev "*)
    if apt-cache show libvtk9-dev >/dev/null 2>&1 &&
       ! apt-get -qq -s --no-remove --no-install-recommends install libvtk9-dev >/dev/null 2>&1; then
      say "libvtk9-dev cannot be installed here without removing other packages: going on without \`invado render\`."
      missing=$(printf '%s' " $missing" | sed 's/ libvtk9-dev / /; s/^ //')
    fi ;;
  esac
  [ -n "$missing" ] || return 0
  say "Missing packages: $missing"
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as_root=sudo
    else
      say "They need rights that you do not have here. With rights:"
      say "  apt-get install --no-remove --no-install-recommends $missing"
      say ""
      cat "$top/tools/dev/without_root.txt" >&2
      exit 1
    fi
  fi
  if [ "$yes" != 1 ]; then
    if [ -t 0 ]; then
      printf 'Install them now with %sapt-get --no-remove? [Y/n] ' "${as_root:+$as_root }" >&2
      local answer
      read -r answer
      case "$answer" in "" | y | Y | yes) ;; *) die "Nothing was installed. (--no-install uses what is there.)" ;; esac
    elif [ "$(id -u)" != 0 ]; then
      die "Not installing without a terminal to ask on: add --yes, or type  $as_root apt-get install --no-remove $missing"
    fi
  fi
  mkdir -p "$top/.cache"
  say "Installing them (log: .cache/apt.log) ..."
  # shellcheck disable=SC2086
  if ! { $as_root apt-get -q update &&
         $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-remove --no-install-recommends install $missing; } \
       >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    die "apt-get failed; the whole log is .cache/apt.log"
  fi
  rm -f "$top"/build/*/options.txt  # what was configured without them is configured anew
}

# build FOLDER "CMAKE OPTIONS" TARGET...: configure when needed, then build. Says little: a line on a terminal, the
# compiler's words only when it fails.
build() {
  local folder=$1 options=$2 log=$1/build.log
  shift 2
  mkdir -p "$folder"
  if [ ! -f "$folder/build.ninja" ] || [ "$(cat "$folder/options.txt" 2>/dev/null)" != "$options" ]; then
    say "Configuring ${folder#"$top"/} ..."
    # shellcheck disable=SC2086
    if ! cmake -S "$top" -B "$folder" -G Ninja $options >"$log" 2>&1; then
      cat "$log" >&2
      die "Configuring failed."
    fi
    printf '%s\n' "$options" >"$folder/options.txt"
  fi
  local started=$SECONDS said=$SECONDS status=0 announced=0
  NINJA_STATUS='[%f/%t] ' ninja -C "$folder" "$@" >"$log" 2>&1 &
  local ninja=$!
  while kill -0 "$ninja" 2>/dev/null; do
    sleep 0.2
    [ $((SECONDS - started)) -ge 2 ] || continue
    if [ "$announced" = 0 ]; then
      announced=1
      say "Building ${folder#"$top"/} (log: ${log#"$top"/}) ..."
    fi
    if [ -t 2 ]; then
      printf '\r  %s ' "$(grep -o '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1)" >&2
    elif [ $((SECONDS - said)) -ge 30 ]; then
      said=$SECONDS
      say "  $(grep -o '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1)"
    fi
  done
  wait "$ninja" || status=$?
  [ "$announced" = 1 ] && [ -t 2 ] && printf '\r' >&2
  if [ "$status" != 0 ]; then
    grep -E -A 12 'error|FAILED|warning:' "$log" | head -n 60 >&2
    die "Building failed; the whole log is ${log#"$top"/}"
  fi
  [ "$announced" = 0 ] || say "Built in $((SECONDS - started)) s."
}

# The one tree that both commands use. Warnings are errors with the compiler that we know, not with a newer one.
release_options() {
  local werror=OFF
  [ "$("${CXX:-c++}" -dumpversion 2>/dev/null | cut -d. -f1)" = 12 ] && werror=ON
  echo "-DCMAKE_BUILD_TYPE=Release -DINVADO_WERROR=$werror -DINVADO_TESTS=$1"
}
