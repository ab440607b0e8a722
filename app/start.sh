#!/usr/bin/env bash
# Installs what is missing on a bare Debian 12 (as root or with sudo), builds Streamwright optimised, and opens
# the designer on the quick start, running: a stream that needs nothing else on the machine.
#   app/start.sh                          the designer on the quick start
#   app/start.sh FILE…                    the designer on these pipelines
#   app/start.sh --headless               the quick start in this terminal, without a desktop (Ctrl+C stops it)
#   app/start.sh --headless FILE [ARGS]   another pipeline: as `build/streamwright run FILE ARGS`
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
. app/install.sh

if [ "${1:-}" != "--headless" ]; then
    install_missing "${build_packages[@]}" "${designer_packages[@]}" "${desktop_packages[@]}"
    parts=(-DDESIGNER=ON)
    [ -f build/build.ninja ] || parts+=(-DTESTS=OFF -DBENCH=OFF)
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release "${parts[@]}" >/dev/null
    ninja -C build streamwright streamwright-designer
    program=$PWD/build/streamwright-designer
    [ $# -gt 0 ] || exec "$program" --quick-start
    cd "$here"
    exec "$program" "$@"
fi
shift

install_missing "${build_packages[@]}"
# Without tests and designer no Qt is needed; a build that has them already keeps them.
parts=()
[ -f build/build.ninja ] || parts=(-DTESTS=OFF -DBENCH=OFF -DDESIGNER=OFF)
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release "${parts[@]}" >/dev/null
ninja -C build streamwright

if [ $# -eq 0 ]; then
    echo
    echo "Running pipelines/quickstart/demo_word_count.json; Ctrl+C stops it."
    echo "To count the words of a real socket: run  nc -lk 9999  in another terminal, then"
    echo "  build/streamwright run pipelines/quickstart/socket_word_count.json"
    echo "and type lines into it."
    echo
    set -- pipelines/quickstart/demo_word_count.json
fi
exec build/streamwright run "$@"
