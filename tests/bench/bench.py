"""Ours beside the limit, and with --peers beside DuckDB, Polars and PySpark. See run.sh."""
import argparse, json, os, socket, subprocess, tempfile, time

from kafka_bench import kafka
from measure import CACHE, MASK, alternate, check, data, fnv, json_line, pipeline, program, report, splitmix, timed
from memory_bench import memory
from peers import peers
from postgres_bench import postgres
from running_count import running_count
from slide_bench import window_slides
from stall_bench import stall


def word_count(options):
    lines = 200_000 if options.quick else 7_835_000
    folder, path = data("text", lines, 100_000, 42)
    size = os.path.getsize(path) / 1e6
    words = {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}}
    counts = {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"]}}

    def ours(record=None):
        with tempfile.TemporaryDirectory() as work:
            file = pipeline(work, {"trigger": "once", "checkpoint": "checkpoint", "parallelism": 2},
                            {"lines": {"type": "source.directory", "options": {"path": folder, "format": "text", "pattern": "*.txt"}},
                             "words": words, "counts": counts, "out": {"type": "sink.discard"}},
                            ["lines -> words", "words -> counts", "counts -> out"])
            return timed([program("streamwright"), "run", file, "--progress", "none", *(["--record", f"counts={record}"] if record else [])])[0]

    def limit():
        return timed([program("limit_word_count"), path])[0]

    expected = json_line(timed([program("limit_word_count"), path])[1])["checksum"]
    with tempfile.TemporaryDirectory() as work:
        record = os.path.join(work, "counts.jsonl")
        ours(record)
        checksum = 0
        for line in open(record):
            for row in json.loads(line):
                checksum = (checksum + splitmix((fnv(row["word"].encode()) + row["n"]) & MASK)) & MASK
    check("word count", f"{checksum:016x}", expected)
    sides = {"limit": limit, "ours": ours}
    if options.peers:
        sides |= peers("word_count", path, expected)
    report(f"Word count, {size:.0f} MB of text", size, "MB/s", alternate(options.rounds, **sides))


def grep(options):
    # So many that starting a program (30 ms, of them five fsyncs) is little beside it.
    lines = 200_000 if options.quick else 20_000_000
    folder, path = data("grep", lines, 42)
    size = os.path.getsize(path) / 1e6

    def run(workers, record=None):
        with tempfile.TemporaryDirectory() as work:
            file = pipeline(work, {"trigger": "once", "checkpoint": "checkpoint", "parallelism": workers},
                            {"lines": {"type": "source.directory", "options": {"path": folder, "format": "text", "pattern": "*.txt"}},
                             "hits": {"type": "filter", "options": {"condition": "contains(value, 'NEEDLE77')"}},
                             "n": {"type": "count"}, "out": {"type": "sink.discard"}},
                            ["lines -> hits", "hits -> n", "n -> out"])
            return timed([program("streamwright"), "run", file, "--progress", "none", *(["--record", f"n={record}"] if record else [])])[0]

    with tempfile.TemporaryDirectory() as work:
        record = os.path.join(work, "n.jsonl")
        run(2, record)
        found = sum(row["count"] if isinstance(row, dict) else row for line in open(record) for row in json.loads(line))
    expected = json_line(timed([program("limit_grep"), path])[1])["hits"]
    check("grep", found, expected)
    report(f"Grep, {size:.0f} MB of 100-byte lines, one core", size, "MB/s",
           alternate(options.rounds, limit=lambda: timed(["taskset", "-c", "0", program("limit_grep"), path, "1"])[0],
                     ours=lambda: timed_pinned(lambda: run(1))))
    report(f"Grep, {size:.0f} MB of 100-byte lines, two cores", size, "MB/s",
           alternate(options.rounds, limit=lambda: timed([program("limit_grep"), path, "2"])[0], ours=lambda: run(2),
                     **(peers("grep", path, expected) if options.peers else {})))


def timed_pinned(run):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        return run()
    finally:
        os.sched_setaffinity(0, before)


def idle(options):
    """Processor time of a pipeline with state and checkpoint to which nobody writes."""
    nodes = {"words": {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}},
             "counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"]}},
             "running": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "n", "as": "total",
                         "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)"}},
             "out": {"type": "sink.console"}}
    with tempfile.TemporaryDirectory() as work, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        file = pipeline(work, {"batch_interval": "100ms", "checkpoint": "checkpoint"},
                        {"lines": {"type": "source.socket", "options": {"port": listener.getsockname()[1]}}, **nodes},
                        ["lines -> words", "words -> counts", "counts -> running", "running -> out"])
        with subprocess.Popen([program("streamwright"), "run", file, "--progress", "none"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            peer = listener.accept()[0]
            peer.sendall(b"a b c\n")
            time.sleep(1)
            seconds = 5 if options.quick else 20
            before, start = processor_seconds(run.pid), time.monotonic()
            time.sleep(seconds)
            share = (processor_seconds(run.pid) - before) / (time.monotonic() - start)
            run.terminate()
    print(f"\nIdle pipeline at 10 batches/s, state and checkpoint on\n  {share * 100:.2f} % of a core (wanted: under 1 %)")


def processor_seconds(process):
    """To the nanosecond, over all threads."""
    folder = f"/proc/{process}/task"
    return sum(int(open(f"{folder}/{task}/schedstat").read().split()[0]) for task in os.listdir(folder)) / 1e9


def latency(options):
    with tempfile.TemporaryDirectory(dir=os.path.join(CACHE, "bench")) as work:
        fsyncs = sorted(timed_fsync(work) for _ in range(200))
        measured = json_line(timed([program("latency_bench"), program("streamwright"), work, "10000", "5" if options.quick else "30"])[1])
    print("\nA word from a socket to the console, 10,000 rows/s, 1 ms interval, open loop, receive log and checkpoint on")
    print("  p50 {p50} µs, p99 {p99} µs, p99.9 {p999} µs, longest {max} µs (wanted: p99 under 5000 µs)".format(**measured))
    print(f"  an fdatasync of this disk: median {fsyncs[100] * 1e6:.0f} µs, p99 {fsyncs[197] * 1e6:.0f} µs; a batch waits for two")


def timed_fsync(folder):
    with open(os.path.join(folder, "fsync"), "ab", buffering=0) as file:
        file.write(b"x" * 200)
        start = time.monotonic()
        os.fdatasync(file.fileno())
        return time.monotonic() - start


WORK = {"word_count": word_count, "grep": grep, "running_count": running_count, "memory": memory, "window_slides": window_slides, "idle": idle, "latency": latency, "stall": stall, "kafka": kafka, "postgres": postgres}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--only", choices=sorted(WORK))
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    os.makedirs(os.path.join(CACHE, "bench"), exist_ok=True)
    for name, run in WORK.items():
        if chosen.only in (None, name):
            run(chosen)
