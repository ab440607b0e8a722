#!/usr/bin/env bash
# Installs what is missing on a bare Debian 12 (as root or with sudo), builds Streamwright optimised, and
# runs it on the quick-start pipeline: live counts of a stream that needs nothing else on the machine.
#   app/start.sh --headless               runs it in this terminal (Ctrl+C stops it)
#   app/start.sh --headless FILE [ARGS]   runs another pipeline: as `build/streamwright run FILE ARGS`
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" != "--headless" ]; then
    echo "The desktop designer is not there yet. Run: app/start.sh --headless" >&2
    exit 2
fi
shift

. app/install.sh
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
