# What the tests and checks need beyond Rust, each set up in .tools/ the first time it is asked for. Sourced by
# tests/run and .ci/run, from the top folder.

say() { printf '\n==> %s\n' "$*" >&2; }

# give_up WHAT HOW: says what is missing and what to do about it.
give_up() {
    printf '\nmissing: %s\n  mend:   %s\n' "$1" "$2" >&2
    exit 1
}

# As root installs a Debian package; as anybody else says which command would.
debian_package() {
    local command="apt-get install --yes $1"
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        give_up "$2" "sudo $command   (or the like on your system), then run this again"
    fi
    say "installing Debian's $1"
    { apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive $command --quiet=2; } >&2 ||
        give_up "$2" "$command failed; see above"
}

# python_tools NAME: a virtual environment .tools/NAME with what tests/requirements/NAME.txt pins. Tools that pin the
# same library differently have one each.
python_tools() {
    local folder="$PWD/.tools/$1" requirements="$PWD/tests/requirements/$1.txt"
    # The path too: an environment does not survive being moved.
    local wanted
    wanted="$folder"$'\n'"$(<"$requirements")"
    [[ -f "$folder/made-of" && "$(<"$folder/made-of")" == "$wanted" ]] && return
    command -v python3 >/dev/null || debian_package "python3 python3-venv" "Python 3"
    python3 -c 'import ensurepip, venv' 2>/dev/null || debian_package python3-venv "Python's venv module"
    say "setting up $(tr '\n' ' ' <"$requirements")in .tools/$1"
    rm -rf "$folder"
    python3 -m venv "$folder" || give_up "a virtual environment" "python3 -m venv failed; see above"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
        give_up "$1" "pip could not install $requirements; is PyPI within reach?"
    printf '%s\n' "$wanted" >"$folder/made-of"
}

# Prints where libfaketime is. Debian's package is only unpacked, not installed: that needs no root.
faketime_library() {
    local found folder="$PWD/.tools/faketime"
    find_faketime() { compgen -G "/usr/lib/*/faketime/libfaketime.so.1" || compgen -G "$folder/usr/lib/*/faketime/libfaketime.so.1"; }
    if ! found=$(find_faketime | head -1) || [[ -z $found ]]; then
        command -v apt-get >/dev/null ||
            give_up "libfaketime" "install it, and name its library: export SILLON_TEST_FAKETIME=…/libfaketime.so.1"
        say "fetching Debian's libfaketime into .tools/faketime"
        mkdir -p "$folder"
        (
            cd "$folder"
            [[ $(id -u) == 0 ]] && options=(-o APT::Sandbox::User=root) || options=()
            fetch() { apt-get download --quiet=2 "${options[@]}" libfaketime; }
            fetch 2>/dev/null || { [[ $(id -u) == 0 ]] && apt-get update --quiet=2 && fetch; } || exit 1
            dpkg -x libfaketime_*.deb . && rm libfaketime_*.deb
        ) >&2 || give_up "libfaketime" "sudo apt-get update && sudo apt-get install --yes libfaketime, then run this again"
        found=$(find_faketime | head -1)
    fi
    printf '%s\n' "$found"
}

# Sets up what drives a browser: playwright-core in .tools/browser, as tests/browser/package.json has it, and Chromium. Sets
# SILLON_TEST_BROWSER_TOOLS and SILLON_TEST_CHROMIUM.
browser_tools() {
    local folder="$PWD/.tools/browser" wanted
    command -v node >/dev/null && command -v npm >/dev/null || debian_package "nodejs npm" "Node.js 20 or later"
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        give_up "Node.js 20 or later" "see https://nodejs.org, then run this again"
    wanted=$(<tests/browser/package-lock.json)
    if [[ ! -f "$folder/made-of" || "$(<"$folder/made-of")" != "$wanted" ]]; then
        say "setting up playwright-core in .tools/browser"
        rm -rf "$folder"
        mkdir -p "$folder"
        cp tests/browser/package.json tests/browser/package-lock.json "$folder"
        # By the folder's real path: npm takes a link to it for another package.
        (cd -P "$folder" && npm ci --no-audit --no-fund --silent) >&2 ||
            give_up "playwright-core" "npm ci failed; is npm's registry within reach?"
        printf '%s\n' "$wanted" >"$folder/made-of"
    fi
    export SILLON_TEST_BROWSER_TOOLS="$folder"
    find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
    if [[ -z ${SILLON_TEST_CHROMIUM:-} ]]; then
        find_chromium >/dev/null || debian_package chromium "Chromium"
        SILLON_TEST_CHROMIUM=$(find_chromium)
    fi
    export SILLON_TEST_CHROMIUM
}

# cargo_tool NAME VERSION: builds a cargo subcommand into .tools/bin, unless that version is there or on the PATH.
cargo_tool() {
    PATH="$PWD/.tools/bin:$PATH"
    if [[ "$("$1" --version 2>/dev/null)" != "$1 $2" ]]; then
        say "building $1 $2 into .tools/bin (some minutes, once)"
        cargo install --quiet --locked --root "$PWD/.tools" --version "$2" "$1" ||
            give_up "$1 $2" "cargo install failed; see above"
    fi
}

# Where cargo puts what it builds.
target_folder() {
    cargo metadata --format-version 1 --no-deps |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])'
}
