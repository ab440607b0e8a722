#!/usr/bin/env bash
# One PostgreSQL server on loopback, from the Debian package postgresql-15:
#   postgres.sh start DIR     starts it on a free port, or again on the one it had; DIR/env then has
#                             POSTGRES_HOST, POSTGRES_PORT, POSTGRES_URL (superuser `test`, database `postgres`: no encryption, no
#                             password) and POSTGRES_CA (certificate of the authority). All other users need TLS and a password
#                             (SCRAM), POSTGRES_SECURE_USER and POSTGRES_PASSWORD are one, and `certified` needs the certificate
#                             POSTGRES_CERTIFICATE with POSTGRES_KEY.
#   postgres.sh stop DIR      asks it to end: connections are closed
#   postgres.sh kill DIR      ends it without notice
#   postgres.sh status DIR    prints its process, or fails
#   postgres.sh fetch         tells whether it is installed
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/functions.bash"

programs="${POSTGRES_PROGRAMS:-/usr/lib/postgresql/15/bin}"
verb=${1:-}
folder=${2:-}
[ "$verb" = fetch ] || [ -n "$folder" ] || { sed -n '2,12s/^# //p' "$0"; exit 2; }
data="$folder/data"

# PostgreSQL does not run as root.
as_server()
{
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

fetch() { [ -x "$programs/postgres" ] || { echo "postgres.sh: there is no $programs/postgres; install postgresql-15" >&2; exit 1; }; }

running() { [ -s "$data/postmaster.pid" ] && is_up "$(head -n 1 "$data/postmaster.pid")"; }

make_certificates()
{
    (
        cd "$folder"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Streamwright tests" -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout data/server.key -out server.csr
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out data/server.pem \
            -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost")
        openssl req -newkey rsa:2048 -nodes -subj "/CN=certified" -keyout certified.key -out certified.csr
        openssl x509 -req -in certified.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out certified.pem
        chmod 600 data/server.key certified.key
    ) > "$folder/certificates.log" 2>&1
}

configure()
{
    local port
    port=$(free_ports 1)
    mkdir -p "$data"
    chmod 700 "$data"
    [ "$(id -u)" -ne 0 ] || chown postgres "$data"
    as_server "$programs/initdb" -D "$data" -U test -A trust -E UTF8 --locale=C.UTF-8 --no-sync > "$folder/initdb.log" 2>&1
    make_certificates
    cat > "$data/pg_hba.conf" <<P
host    all test 127.0.0.1/32 trust
hostssl all certified 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
P
    # A server of tests loses nothing by a kill: what it wrote is in the system's memory.
    cat >> "$data/postgresql.conf" <<P
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 40
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
ssl_ca_file = '$folder/ca.pem'
timezone = 'Asia/Kolkata'
P
    cat > "$folder/env" <<P
POSTGRES_HOST=127.0.0.1
POSTGRES_PORT=$port
POSTGRES_URL=postgresql://test@127.0.0.1:$port/postgres
POSTGRES_CA=$folder/ca.pem
POSTGRES_SECURE_USER=streamwright
POSTGRES_PASSWORD=only-for-tests
POSTGRES_CERTIFICATE=$folder/certified.pem
POSTGRES_KEY=$folder/certified.key
P
    [ "$(id -u)" -ne 0 ] || chown postgres "$data"/*
}

add_users()
{
    . "$folder/env"
    "$programs/psql" -q -d "$POSTGRES_URL" -c "CREATE ROLE streamwright LOGIN PASSWORD 'only-for-tests'; CREATE ROLE certified LOGIN; GRANT CREATE ON SCHEMA public TO streamwright, certified"
}

start()
{
    fetch
    if running; then echo "postgres runs already, process $(head -n 1 "$data/postmaster.pid")"; return; fi
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    data="$folder/data"
    [ -s "$folder/env" ] || configure
    # The process of this file is gone, also where it stays a zombie and the server would take it for alive.
    rm -f "$data/postmaster.pid"
    touch "$folder/log"
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder/log"
    as_server "$programs/pg_ctl" -D "$data" -l "$folder/log" -s -w -t 60 start 9>&- || { echo "postgres is not up:" >&2; tail -n 20 "$folder/log" >&2; exit 1; }
    [ -e "$folder/users" ] || add_users
    touch "$folder/users"
    echo "postgres is up, process $(head -n 1 "$data/postmaster.pid")"
}

case "$verb" in
fetch) fetch ;;
start) start ;;
stop) ! running || as_server "$programs/pg_ctl" -D "$data" -s -m fast -w -t 30 stop ;;
kill)
    if running; then
        server=$(head -n 1 "$data/postmaster.pid")
        mapfile -t parts < <(pgrep -P "$server")
        kill -9 "$server" "${parts[@]}"
        wait_until 10 not is_up "$server"
        # Its parts hold on to its memory until they are gone.
        for part in "${parts[@]}"; do wait_until 10 not is_up "$part"; done
    fi
    ;;
status) running && echo "running, process $(head -n 1 "$data/postmaster.pid")" || { echo "stopped"; exit 1; } ;;
*) echo "postgres.sh: no verb $verb (start, stop, kill, status, fetch)" >&2; exit 2 ;;
esac
