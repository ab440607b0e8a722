#!/usr/bin/env bash
# One HDFS name node and one data node on loopback, with WebHDFS, from Maven's jars:
#   hdfs.sh start DIR                     starts them on free ports, or again on those they had; DIR/env then has
#                                         HDFS_NAME_NODE=127.0.0.1:NNN (WebHDFS) and HDFS_USER (may do everything)
#   hdfs.sh stop DIR                      asks them to end
#   hdfs.sh kill DIR namenode|datanode    ends one without notice
#   hdfs.sh run DIR namenode|datanode     starts one again, waits until it answers
#   hdfs.sh admin DIR ARGUMENTS           hdfs dfsadmin: -safemode enter, -setSpaceQuota ...
#   hdfs.sh status DIR                    prints their processes, or fails
#   hdfs.sh fetch                         fetches the jars only
# As hdfs_ha.sh: two name nodes, namenode and namenode2, that share a folder of edits; the first one is active. HDFS_NAME_NODES
# names both, and
#   hdfs_ha.sh failover DIR namenode|namenode2    makes this one active
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/functions.bash"

version=3.4.3
jars="hdfs-$version"
pair=${HDFS_PAIR:-}
verb=${1:-}
folder=${2:-}
[ "$verb" = fetch ] || [ -n "$folder" ] || { sed -n '2,14s/^# //p' "${BASH_SOURCE[0]}"; exit 2; }
[ ! -d "$folder" ] || folder=$(cd "$folder" && pwd)
name_nodes=(namenode)
[ -z "$pair" ] || name_nodes+=(namenode2)

fetch()
{
    # hadoop-hdfs has hadoop-common as "provided".
    fetch_jars "$jars" org.apache.hadoop:hadoop-common:$version org.apache.hadoop:hadoop-hdfs:$version org.apache.hadoop:hadoop-hdfs-client:$version
}

# as_java NODE CLASS ARGUMENTS: its settings are in conf-NODE. Without the opened package every answer of WebHDFS is a 500.
as_java()
{
    local node=$1
    shift
    exec java -Xms48m "-Xmx${HDFS_HEAP:-256m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true -Djava.awt.headless=true "-Djava.io.tmpdir=$folder/tmp" \
        --add-opens=java.base/java.lang=ALL-UNNAMED "-Dlog4j.configuration=file:$folder/log4j.properties" -cp "$folder/conf-$node:$cache/$jars/*" "$@"
}

running() { [ -s "$folder/$1.pid" ] && is_up "$(cat "$folder/$1.pid")"; }

property() { echo "<property><name>$1</name><value>$2</value></property>"; }

# What a name node of a pair must know of both.
pair_properties()
{
    property dfs.nameservices streamwright
    property dfs.ha.namenodes.streamwright namenode,namenode2
    property dfs.namenode.rpc-address.streamwright.namenode "127.0.0.1:$rpc"
    property dfs.namenode.rpc-address.streamwright.namenode2 "127.0.0.1:$rpc2"
    property dfs.namenode.http-address.streamwright.namenode "127.0.0.1:$web"
    property dfs.namenode.http-address.streamwright.namenode2 "127.0.0.1:$web2"
    property dfs.namenode.shared.edits.dir "file://$folder/shared"
    property dfs.client.failover.proxy.provider.streamwright org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider
    property dfs.ha.fencing.methods "shell(/bin/true)"
    property dfs.ha.tail-edits.period 1s
    property dfs.ha.log-roll.period 2s
}

configure()
{
    local web web2 rpc rpc2 data data_web data_ipc node
    read -r web web2 rpc rpc2 data data_web data_ipc <<< "$(free_ports 7)"
    mkdir -p "$folder/tmp"
    cat > "$folder/log4j.properties" <<P
log4j.rootLogger=WARN,c
log4j.appender.c=org.apache.log4j.ConsoleAppender
log4j.appender.c.layout=org.apache.log4j.PatternLayout
log4j.appender.c.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
P
    for node in "${name_nodes[@]}" datanode; do
        # Maven's jars lack the web pages; empty folders are enough for WebHDFS.
        mkdir -p "$folder/conf-$node/webapps/hdfs" "$folder/conf-$node/webapps/datanode"
        {
            echo "<configuration>"
            property fs.defaultFS "hdfs://$([ -n "$pair" ] && echo streamwright || echo "127.0.0.1:$rpc")"
            property hadoop.tmp.dir "$folder/tmp"
            property hadoop.http.staticuser.user "$(id -un)"
            # Blocks and edits of tests need no answer from the disk.
            property dfs.namenode.edits.noeditlogchannelflush true
            echo "</configuration>"
        } > "$folder/conf-$node/core-site.xml"
        {
            echo "<configuration>"
            if [ -n "$pair" ]; then
                pair_properties
                [ "$node" = datanode ] || property dfs.ha.namenode.id "$node"
            else
                property dfs.namenode.rpc-address "127.0.0.1:$rpc"
                property dfs.namenode.http-address "127.0.0.1:$web"
            fi
            property dfs.replication 1
            property dfs.namenode.name.dir "file://$folder/name-$node"
            property dfs.datanode.data.dir "file://$folder/data"
            property dfs.datanode.address "127.0.0.1:$data"
            property dfs.datanode.http.address "127.0.0.1:$data_web"
            property dfs.datanode.ipc.address "127.0.0.1:$data_ipc"
            # What a redirect of WebHDFS names.
            property dfs.datanode.hostname 127.0.0.1
            property dfs.namenode.datanode.registration.ip-hostname-check false
            # Safe mode ends with the first data node. One that was killed is missed, and blocks are reported again, within seconds.
            property dfs.namenode.safemode.min.datanodes 1
            property dfs.namenode.safemode.extension 0
            property dfs.namenode.heartbeat.recheck-interval 1000
            property dfs.heartbeat.interval 1
            property dfs.namenode.fs-limits.min-block-size 1024
            property dfs.datanode.du.reserved 0
            property dfs.permissions.superusergroup "$(id -gn)"
            property dfs.datanode.handler.count 2
            property dfs.namenode.handler.count 4
            echo "</configuration>"
        } > "$folder/conf-$node/hdfs-site.xml"
    done
    (as_java namenode org.apache.hadoop.hdfs.server.namenode.NameNode -format -nonInteractive) > "$folder/format.log" 2>&1
    [ -z "$pair" ] || cp -r "$folder/name-namenode" "$folder/name-namenode2"
    {
        echo "HDFS_NAME_NODE=127.0.0.1:$web"
        [ -z "$pair" ] || echo "HDFS_NAME_NODES=127.0.0.1:$web,127.0.0.1:$web2"
        echo "HDFS_USER=$(id -un)"
    } > "$folder/env"
    echo "web_namenode=127.0.0.1:$web web_namenode2=127.0.0.1:$web2 web_datanode=127.0.0.1:$data_web" > "$folder/ports"
}

begin()
{
    local class=NameNode room=namenode
    if [ "$1" = datanode ]; then class=DataNode room=datanode; fi
    (
        exec > "$folder/$1.log" 2>&1 < /dev/null 9>&-
        setsid nohup bash -c 'echo $$ > "$1"; shift; exec "$@"' - "$folder/$1.pid" "$BASH" "${BASH_SOURCE[0]}" node "$folder" "$1" "org.apache.hadoop.hdfs.server.$room.$class" &
    )
    wait_until 10 test -s "$folder/$1.pid"
}

# The name node's own figures, of the bean named.
jmx() { curl -fsS --max-time 5 "http://$1/jmx?qry=Hadoop:service=NameNode,name=$2" 2>/dev/null; }

answers() { ! running "$1" || curl -fsS --max-time 5 -o /dev/null "http://$2/jmx?qry=java.lang:type=Runtime" 2>/dev/null; }

# A write needs a data node and the end of safe mode.
usable() { ! running datanode || { jmx "$1" FSNamesystemState | tr -d ' ' | tee "$folder/state.json" | grep -q '"NumLiveDataNodes":1' && grep -q '"FSState":"Operational"' "$folder/state.json"; }; }

failed()
{
    echo "$1 does not start:" >&2
    tail -n 20 "$folder/$1.log" >&2
    exit 1
}

# Waits for one that was begun.
await()
{
    local address="web_$1"
    . "$folder/ports"
    wait_until 90 answers "$1" "${!address}" && running "$1" || failed "$1"
    if [ "$1" = datanode ]; then
        wait_until 90 usable "$web_namenode" || failed datanode
    else
        # One that was started again beside its data node lets nobody write before safe mode ends.
        [ -n "$pair" ] || wait_until 90 usable "${!address}" || failed "$1"
    fi
}

failover()
{
    local other=namenode
    [ "$1" != namenode ] || other=namenode2
    # One that is down need not step back, and cannot be asked.
    local force=()
    if running "$other"; then
        (as_java datanode org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToStandby "$other") > "$folder/failover.log" 2>&1
    else
        force=(--forceactive)
    fi
    (as_java datanode org.apache.hadoop.hdfs.tools.DFSHAAdmin -transitionToActive "${force[@]}" "$1") >> "$folder/failover.log" 2>&1 || { cat "$folder/failover.log" >&2; exit 1; }
}

start()
{
    fetch
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    [ -s "$folder/env" ] || configure
    local node
    for node in "${name_nodes[@]}" datanode; do running "$node" || begin "$node"; done
    for node in "${name_nodes[@]}"; do await "$node"; done
    [ -z "$pair" ] || failover namenode
    await datanode
    . "$folder/ports"
    echo "hdfs is up: http://$web_namenode/webhdfs/v1"
}

case "$verb" in
fetch) fetch ;;
start) start ;;
node) as_java "$3" "$4" ;;
stop)
    for node in datanode "${name_nodes[@]}"; do
        ! running "$node" || stop_process "$(cat "$folder/$node.pid")" 10
        rm -f "$folder/$node.pid"
    done
    ;;
kill)
    if running "$3"; then
        kill -9 "$(cat "$folder/$3.pid")"
        wait_until 10 not is_up "$(cat "$folder/$3.pid")"
    fi
    rm -f "$folder/$3.pid"
    ;;
run)
    running "$3" || begin "$3"
    await "$3"
    ;;
admin) as_java namenode org.apache.hadoop.hdfs.tools.DFSAdmin "${@:3}" ;;
failover) failover "$3" ;;
status)
    for node in "${name_nodes[@]}" datanode; do
        running "$node" || { echo "$node does not run"; exit 1; }
        echo "$node: process $(cat "$folder/$node.pid")"
    done
    ;;
*) echo "hdfs.sh: no verb $verb (start, stop, kill, run, admin, failover, status, fetch)" >&2; exit 2 ;;
esac
