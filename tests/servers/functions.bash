# Sourced by the scripts of this folder.

cache="${STREAMWRIGHT_TEST_CACHE:-$HOME/.cache/streamwright-tests}"

# True while the process runs. Not `kill -0` alone: a process that was killed stays as a zombie where its parent reaps late.
is_up()
{
    local state
    state=$(ps -o stat= -p "$1" 2>/dev/null) && [ "${state:0:1}" != Z ]
}

# Prints so many ports of 127.0.0.1 that nobody listens on, below those that the system hands out by itself.
free_ports()
{
    python3 - "$1" <<'P'
import random, socket, sys
found = []
while len(found) < int(sys.argv[1]):
    port = random.randrange(12000, 32000)
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
    if port not in found:
        found.append(port)
print(*found)
P
}

# wait_until SECONDS COMMAND...: true as soon as the command is true, false after so many seconds.
wait_until()
{
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.05
    done
}

# stop_process PID SECONDS: asks it to end, ends it after so many seconds.
stop_process()
{
    is_up "$1" || return 0
    kill "$1" 2>/dev/null || true
    if ! wait_until "$2" not is_up "$1"; then
        kill -9 "$1" 2>/dev/null || true
        wait_until 10 not is_up "$1"
    fi
}

not() { ! "$@"; }

# fetch_jars FOLDER DEPENDENCIES: fills FOLDER in the cache, once, with these Maven artifacts (group:artifact:version...) and what
# they need. Several may ask at once.
fetch_jars()
{
    local folder="$cache/$1" work
    shift
    mkdir -p "$cache"
    [ ! -d "$folder" ] || return 0
    (
        flock 9
        [ ! -d "$folder" ] || exit 0
        work=$(mktemp -d "$cache/.fetch-XXXXXX")
        trap 'rm -rf "$work"' EXIT
        {
            echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            echo '<groupId>local</groupId><artifactId>server</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
            for artifact in "$@"; do
                IFS=: read -r group name version <<< "$artifact"
                echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
            done
            echo '</dependencies></project>'
        } > "$work/pom.xml"
        echo "Fetching $* by Maven" >&2
        mvn -B -ntp -q -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
            -DincludeScope=runtime -DoutputDirectory="$work/jars" >&2
        mv "$work/jars" "$folder"
    ) 9> "$cache/.lock-$(basename "$folder")"
}
