#!/usr/bin/env bash
# The test command: installs what is missing on a bare Debian 12 (as root or with sudo), builds, and runs
# every test. Ends with ctest's summary.
#   tests/run.sh                 all tests
#   tests/run.sh --sanitize K    all tests under a sanitizer: address (with undefined) or thread
#   tests/run.sh --fuzz SECONDS  only the fuzz targets, each for so many seconds
#   tests/run.sh --faults SEEDS  only random faults, so many seeds for each sink with a server of its own
set -euo pipefail
cd "$(dirname "$0")/.."
sanitize=""
fuzz=""
faults=""
while [ $# -gt 0 ]; do
    case "$1" in
        --sanitize) sanitize="${2:?address or thread}"; shift 2 ;;
        --fuzz) fuzz="${2:?seconds}"; shift 2 ;;
        --faults) faults="${2:?seeds}"; shift 2 ;;
        *) echo "tests/run.sh: unknown argument $1 (known: --sanitize address|thread, --fuzz SECONDS, --faults SEEDS)" >&2; exit 2 ;;
    esac
done

. app/install.sh
packages=("${build_packages[@]}" "${designer_packages[@]}" "${test_packages[@]}")
[ -z "$fuzz" ] || packages+=(clang libclang-rt-14-dev)
install_missing "${packages[@]}"

if [ -n "$fuzz" ]; then
    cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ -DFUZZ=ON -DTESTS=OFF -DBENCH=OFF
    ninja -C build-fuzz fuzz_targets
    for target in build-fuzz/*_fuzz; do
        echo "== $(basename "$target"), $fuzz s"
        (cd build-fuzz && "./$(basename "$target")" -max_total_time="$fuzz" -max_len=65536 -rss_limit_mb=4096 -print_final_stats=1 2>&1 | tail -n 12)
    done
    exit 0
fi

folder=build
options=(-DCMAKE_BUILD_TYPE=Release)
if [ -n "$sanitize" ]; then
    folder="build-$sanitize"
    export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.txt" TSAN_OPTIONS="suppressions=$PWD/tests/races.txt die_after_fork=0"
    # -g1: lines for the reports, in a fraction of the time to build.
    options=(-DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1" -DSANITIZE="$sanitize")
fi
cmake -S . -B "$folder" -G Ninja -DTESTS=ON -DBENCH=ON -DDESIGNER=ON "${options[@]}"
if [ -n "$faults" ]; then
    ninja -C "$folder" streamwright kafka_sink_test hdfs_faults_test postgres_faults_test
    failed=0
    for test in kafka_sink hdfs_faults postgres_faults; do
        echo "== $test, $faults seeds"
        STREAMWRIGHT_FAULTS="$faults" tests/servers/with.sh "${test%%_*}" -- "$folder/${test}_test" randomFaults 2>/dev/null || failed=1
    done
    exit "$failed"
fi
ninja -C "$folder"
cd "$folder"
if ! ctest --output-on-failure -j "$(nproc)"; then
    # Brokers, databases and a window share the processors here: what failed beside the others is told above, and fails if it
    # fails alone too.
    echo "== Once more, one at a time:"
    ctest --rerun-failed --output-on-failure
fi
