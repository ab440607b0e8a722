"""Reading a topic of Kafka: value only, counted, with a checkpoint, beside librdkafka's own loop."""
import json, os, subprocess, tempfile

from measure import ROOT, alternate, check, json_line, pipeline, program, report, timed

PARTITIONS = 4
BYTES = 100


def kafka(options):
    records = 200_000 if options.quick else 5_000_000
    server = os.path.join(ROOT, "tests", "servers", "kafka.sh")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([server, "start", folder], check=True, stdout=subprocess.DEVNULL)
        try:
            lines = open(os.path.join(folder, "env")).read().splitlines()
            brokers = dict(line.split("=", 1) for line in lines)["KAFKA_BROKERS"]
            timed([program("limit_kafka"), "fill", brokers, "bench", str(PARTITIONS), str(records), str(BYTES)])
            measure(options, brokers, records)
        finally:
            subprocess.run([server, "stop", folder], check=True)


def measure(options, brokers, records):
    source = {"type": "source.kafka", "options": {"brokers": brokers, "topics": ["bench"], "start": "earliest"}}

    def ours(aggregates=None, record=None):
        with tempfile.TemporaryDirectory() as work:
            counting = {"type": "reduce", "options": {"aggregates": aggregates}} if aggregates else {"type": "count"}
            file = pipeline(work, {"trigger": "available_now", "checkpoint": "checkpoint", "parallelism": 2},
                            {"in": source, "n": counting, "out": {"type": "sink.discard"}}, ["in -> n", "n -> out"])
            return timed([program("streamwright"), "run", file, "--progress", "none", *(["--record", f"n={record}"] if record else [])])[0]

    def limit():
        return timed([program("limit_kafka"), "count", brokers, "bench", str(PARTITIONS)])[0]

    expected = json_line(timed([program("limit_kafka"), "count", brokers, "bench", str(PARTITIONS)])[1])
    with tempfile.TemporaryDirectory() as work:
        record = os.path.join(work, "n.jsonl")
        ours(["count(*) AS records", "sum(octet_length(value)) AS bytes"], record)
        rows = [row for line in open(record) for row in json.loads(line)]
    found = {name: sum(row[name] or 0 for row in rows) for name in ("records", "bytes")}
    check("kafka", found, expected)
    check("kafka", expected, {"records": records, "bytes": records * BYTES})
    report(f"Kafka, {records / 1e6:.1f} M records of {BYTES} bytes in {PARTITIONS} partitions, counted, checkpoint on", records / 1e6, "M rows/s", alternate(options.rounds, limit=limit, ours=ours))
