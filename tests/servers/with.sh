#!/usr/bin/env bash
# Runs a command beside servers of its own and always stops them:
#   tests/servers/with.sh X [Y...] -- COMMAND...
# Each X.sh of this folder starts its server in a temporary folder; what it wrote to `env` (KAFKA_BROKERS=127.0.0.1:NNN) is exported
# to the command, and so is X_FOLDER, for a command that stops and starts the server itself. With KEEP_SERVER_LOGS=FOLDER the logs stay.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

servers=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    [ -x "$here/$1.sh" ] || { echo "with.sh: no server $1 (there is no $here/$1.sh)" >&2; exit 2; }
    servers+=("$1")
    shift
done
if [ $# -lt 2 ] || [ ${#servers[@]} -eq 0 ]; then
    echo "usage: with.sh SERVER [SERVER...] -- COMMAND..." >&2
    exit 2
fi
shift

folder=$(mktemp -d "${TMPDIR:-/tmp}/streamwright-servers-XXXXXX")
# A server that is to run as another user reaches its own folder.
chmod 755 "$folder"
command_pid=
finish()
{
    local status=$?
    trap '' INT TERM HUP
    [ -z "$command_pid" ] || kill "$command_pid" 2>/dev/null || true
    for server in "${servers[@]}"; do
        [ ! -d "$folder/$server" ] || "$here/$server.sh" stop "$folder/$server" >/dev/null 2>&1 || true
    done
    if [ -n "${KEEP_SERVER_LOGS:-}" ]; then
        mkdir -p "$KEEP_SERVER_LOGS"
        cp -r "$folder"/. "$KEEP_SERVER_LOGS"
    fi
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# All at once: they take seconds each.
starts=()
for server in "${servers[@]}"; do
    mkdir "$folder/$server"
    "$here/$server.sh" start "$folder/$server" > "$folder/$server.start" 2>&1 &
    starts+=($!)
done
for i in "${!servers[@]}"; do
    if ! wait "${starts[$i]}"; then
        echo "with.sh: ${servers[$i]} does not start:" >&2
        cat "$folder/${servers[$i]}.start" >&2
        exit 1
    fi
done

set -a
for server in "${servers[@]}"; do
    . "$folder/$server/env"
    declare -x "$(tr a-z- A-Z_ <<< "$server")_FOLDER=$folder/$server"
done
set +a

# In the background, so that a signal to this script is heeded at once.
"$@" <&0 &
command_pid=$!
status=0
wait "$command_pid" || status=$?
command_pid=
exit "$status"
