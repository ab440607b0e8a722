"""What a slide of reduce_by_key_and_window costs for windows of 10, 60 and 600 slides: it should not depend on
the length. On a virtual clock, checkpoint on, after the window has filled."""
import json, os, statistics, subprocess, sys, tempfile

from measure import MASK, check, json_line, pipeline, program, splitmix, timed

KEYS, VALUES = 10_000, 1009
KINDS = {"count and sum, taken away again": {"aggregates": ["count(*) AS a", "sum(v) AS b"]},
         "the same, keys kept (inverse)": {"aggregates": ["count(*) AS a", "sum(v) AS b"], "inverse": True, "having": "a > 0"},
         "min and max, two stacks": {"aggregates": ["min(v) AS a", "max(v) AS b"]}}


def write(work, rows, seconds, kind):
    return pipeline(work, {"batch_interval": "1s", "checkpoint": "checkpoint", "parallelism": 2, "backpressure": False},
                    {"in": {"type": "source.generate", "options": {"rows_per_second": rows, "seed": 42, "columns": [f"random % {KEYS} AS k", f"random % {VALUES} AS v"]}},
                     "sums": {"type": "reduce_by_key_and_window", "options": {"keys": ["k"], "length": f"{seconds}s", "slide": "1s", **KINDS[kind]}},
                     "out": {"type": "sink.discard"}}, ["in -> sums", "sums -> out"])


def slide_cost(rows, seconds, kind):
    """Milliseconds of a slide, on average over a whole window's length (so that work put off is in it) and at most."""
    measured = max(seconds, 60)
    with tempfile.TemporaryDirectory() as work:
        run = subprocess.run([program("streamwright"), "run", write(work, rows, seconds, kind), "--clock", "virtual", "--batches", str(seconds + measured), "--progress", "json"], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"failed: {run.stderr[-2000:]}")
    batches = [json.loads(line) for line in run.stderr.splitlines() if "numInputRows" in line]
    times = [sum(batch["waterfall"].values()) / 1e6 for batch in batches[-measured:]]
    return statistics.mean(times), max(times)


def last_window(rows, seconds, kind):
    """A checksum of the last window."""
    with tempfile.TemporaryDirectory() as work:
        record = os.path.join(work, "sums.jsonl")
        timed([program("streamwright"), "run", write(work, rows, seconds, kind), "--clock", "virtual", "--batches", str(seconds + 10), "--progress", "none", "--record", f"sums={record}"])
        for line in open(record):
            last = line
    checksum = 0
    for row in json.loads(last):
        checksum = (checksum + splitmix((splitmix((row["k"] * 31 + row["a"]) & MASK) + row["b"]) & MASK)) & MASK
    return f"{checksum:016x}"


def window_slides(options):
    rows = 20_000 if options.quick else 100_000
    lengths = (10, 60) if options.quick else (10, 60, 600)
    for seconds in lengths:
        expected = json_line(timed([program("limit_window_slides"), str(rows), str(seconds), str(seconds + 10)])[1])
        for kind in KINDS:
            check(f"{kind}, window of {seconds} s", last_window(rows, seconds, kind), expected["extremes" if "min" in kind else "sums"])
    print(f"\nA slide of 1 s, {rows} rows over {KEYS} keys, checkpoint on")
    for kind in KINDS:
        costs = {seconds: [] for seconds in lengths}
        for _ in range(options.rounds):
            for seconds in lengths:
                costs[seconds].append(slide_cost(rows, seconds, kind))
        base = statistics.median(mean for mean, _ in costs[lengths[0]])
        for seconds, found in costs.items():
            mean, longest = (statistics.median(values) for values in zip(*found))
            print(f"  {kind:32} {seconds:4} s window {mean:8.2f} ms a slide, the longest {longest:7.2f} ms   {mean / base:.2f} of {lengths[0]} s")
