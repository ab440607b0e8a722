#!/usr/bin/env bash
# The benchmarks: ours and a hand-written limit program on the same data, alternating in one run; prints
# medians and ratios. A figure without a matching checksum does not count.
#   tests/bench/run.sh [--quick] [--peers] [--only NAME]
#   --quick  small data, to see that it works      --peers  DuckDB, Polars and PySpark too (pip, into a cache)
set -euo pipefail
cd "$(dirname "$0")/../.."
. app/install.sh
packages=("${build_packages[@]}" python3 python3-venv)
# The broker and Spark need Java.
[[ " $* " == *" --only "* && " $* " != *" kafka "* ]] || packages+=(maven default-jdk-headless openssl)
[[ " $* " == *" --only "* && " $* " != *" postgres "* ]] || packages+=(postgresql-15 openssl procps)
[[ " $* " != *" --peers "* ]] || packages+=(default-jre-headless)
install_missing "${packages[@]}"
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBENCH=ON >/dev/null
ninja -C build streamwright bench_programs
exec python3 tests/bench/bench.py "$@"
