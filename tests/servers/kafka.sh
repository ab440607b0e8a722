#!/usr/bin/env bash
# One Apache Kafka broker (KRaft) on loopback, from Maven's jars:
#   kafka.sh start DIR     starts it on free ports, or again on those it had; DIR/env then has
#                          KAFKA_BROKERS=127.0.0.1:NNN (no encryption, no login), KAFKA_SECURE_BROKERS (SASL_SSL), KAFKA_CA (certificate
#                          of the authority), KAFKA_USER, KAFKA_PASSWORD (SCRAM-SHA-512 and PLAIN); KAFKA_CERTIFIED_BROKERS (SSL, asks
#                          for KAFKA_CERTIFICATE with KAFKA_CERTIFICATE_KEY, which KAFKA_PASSWORD opens); a proxy of a test that listens
#                          at KAFKA_PROXIED_BROKERS and hands on to KAFKA_BEHIND_PROXY stands between its clients and the broker
#   kafka.sh stop DIR      asks it to end
#   kafka.sh kill DIR      ends it without notice
#   kafka.sh status DIR    prints its process, or fails
#   kafka.sh user DIR set NAME PASSWORD | remove NAME     who may log in
#   kafka.sh topic DIR NAME [PARTITIONS]     makes a topic
#   kafka.sh fetch         fetches the jars only
# With KAFKA_VERSION another version than 4.4.0.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/functions.bash"

version=${KAFKA_VERSION:-4.4.0}
jars="kafka-$version"
verb=${1:-}
folder=${2:-}
[ "$verb" = fetch ] || [ -n "$folder" ] || { sed -n '2,15s/^# //p' "$0"; exit 2; }

fetch()
{
    # Without this binding of slf4j the broker logs nothing.
    fetch_jars "$jars" org.apache.kafka:kafka_2.13:$version org.apache.logging.log4j:log4j-slf4j-impl:2.25.5
}

running() { [ -s "$folder/pid" ] && is_up "$(cat "$folder/pid")"; }

java_command()
{
    java -Xms96m "-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -Djava.awt.headless=true \
        "-Dlog4j2.configurationFile=file:$folder/log4j2.properties" "-Djava.io.tmpdir=$folder" -cp "$cache/$jars/*" "$@"
}

make_certificates()
{
    (
        cd "$folder"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Streamwright tests" -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout broker.key -out broker.csr
        openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out broker.pem \
            -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost")
        openssl pkcs8 -topk8 -nocrypt -in broker.key -out broker.pk8
        cat broker.pk8 broker.pem ca.pem > keystore.pem
        openssl req -newkey rsa:2048 -passout pass:only-for-tests -subj "/CN=streamwright" -keyout client.key -out client.csr
        openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out client.pem
    ) > "$folder/certificates.log" 2>&1
}

configure()
{
    local plain secure certified controller front behind
    read -r plain secure certified controller front behind <<< "$(free_ports 6)"
    cat > "$folder/log4j2.properties" <<P
rootLogger.level = WARN
rootLogger.appenderRef.c.ref = C
appender.c.type = Console
appender.c.name = C
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
logger.ks.name = kafka.server.KafkaRaftServer
logger.ks.level = INFO
P
    cat > "$folder/server.properties" <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$plain,SASL_SSL://127.0.0.1:$secure,CERTIFIED://127.0.0.1:$certified,PROXIED://127.0.0.1:$behind,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$plain,SASL_SSL://127.0.0.1:$secure,CERTIFIED://127.0.0.1:$certified,PROXIED://127.0.0.1:$front
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CERTIFIED:SSL,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/logs
auto.create.topics.enable=false
# One node: each internal topic must be told so, or groups and transactions never become available.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Tests do not wait: no pause before the first members of a group, short sessions, transactions that run out are noticed at once.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
log.cleaner.backoff.ms=200
# Records of any date stay.
log.retention.ms=-1
log.retention.check.interval.ms=500
log.initial.task.delay.ms=500
# A broker that was killed may come back only after its old session has run out (9 s otherwise).
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# The cleaner's buffer is 128 MiB of heap otherwise.
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
# Who logs in is asked again, so that a user who was removed is out.
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
connections.max.reauth.ms=2000
ssl.keystore.type=PEM
ssl.keystore.location=$folder/keystore.pem
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_streamwright="only-for-tests";
listener.name.certified.ssl.client.auth=required
listener.name.certified.ssl.truststore.type=PEM
listener.name.certified.ssl.truststore.location=$folder/ca.pem
P
    make_certificates
    # An identity is 16 bytes in URL-safe base64.
    java_command kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "$folder/server.properties" \
        --add-scram 'SCRAM-SHA-512=[name=streamwright,password=only-for-tests]' > "$folder/format.log" 2>&1
    cat > "$folder/env" <<P
KAFKA_BROKERS=127.0.0.1:$plain
KAFKA_SECURE_BROKERS=127.0.0.1:$secure
KAFKA_CERTIFIED_BROKERS=127.0.0.1:$certified
KAFKA_CERTIFICATE=$folder/client.pem
KAFKA_CERTIFICATE_KEY=$folder/client.key
KAFKA_PROXIED_BROKERS=127.0.0.1:$front
KAFKA_BEHIND_PROXY=127.0.0.1:$behind
KAFKA_CA=$folder/ca.pem
KAFKA_USER=streamwright
KAFKA_PASSWORD=only-for-tests
P
}

usable() { ! running || grep -q 'Kafka Server started' "$folder/broker.log"; }

start()
{
    fetch
    if running; then echo "kafka runs already, process $(cat "$folder/pid")"; return; fi
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    local attempt
    for attempt in 1 2 3; do
        [ -s "$folder/env" ] || configure
        : > "$folder/broker.log"
        setsid nohup bash -c 'echo $$ > "$1/pid"; shift; exec "$@"' - "$folder" \
            java -Xms96m "-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -Djava.awt.headless=true \
            "-Dlog4j2.configurationFile=file:$folder/log4j2.properties" "-Djava.io.tmpdir=$folder" -cp "$cache/$jars/*" \
            kafka.Kafka "$folder/server.properties" > "$folder/broker.log" 2>&1 < /dev/null 9>&- &
        wait_until 10 test -s "$folder/pid" || true
        wait_until 90 usable || { echo "kafka is not up after 90 s:" >&2; tail -n 20 "$folder/broker.log" >&2; exit 1; }
        running && { echo "kafka is up, process $(cat "$folder/pid")"; return; }
        rm -f "$folder/pid"
        # Somebody took one of the ports meanwhile: others, unless clients know these already.
        if grep -q 'Address already in use' "$folder/broker.log" && [ ! -e "$folder/started" ]; then
            rm -rf "$folder/env" "$folder/logs"
            continue
        fi
        break
    done
    echo "kafka ended:" >&2
    tail -n 20 "$folder/broker.log" >&2
    exit 1
}

case "$verb" in
fetch) fetch ;;
start) start; touch "$folder/started" ;;
stop)
    running && stop_process "$(cat "$folder/pid")" 20
    rm -f "$folder/pid"
    ;;
kill)
    if running; then
        kill -9 "$(cat "$folder/pid")"
        wait_until 10 not is_up "$(cat "$folder/pid")"
    fi
    rm -f "$folder/pid"
    ;;
status) running && echo "running, process $(cat "$folder/pid")" || { echo "stopped"; exit 1; } ;;
user)
    . "$folder/env"
    java_command "$here/KafkaAdmin.java" "$KAFKA_BROKERS" user "${@:3}"
    ;;
topic)
    . "$folder/env"
    java_command "$here/KafkaAdmin.java" "$KAFKA_BROKERS" topic "$3" "${4:-1}"
    ;;
*) echo "kafka.sh: no verb $verb (start, stop, kill, status, user, topic, fetch)" >&2; exit 2 ;;
esac
