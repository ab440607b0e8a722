"""A count per key that is kept: 16-byte text keys, some million of them, made durable after each batch."""
import json, os, subprocess, sys, tempfile

from measure import CACHE, MASK, alternate, check, data, json_line, pipeline, program, report, splitmix, timed
from peers import peers


def running_pipeline(work, folder, batch):
    return pipeline(work, {"trigger": "available_now", "checkpoint": "checkpoint", "parallelism": 2, "max_rows_per_batch": batch, "backpressure": False},
                    {"lines": {"type": "source.directory", "options": {"path": folder, "format": "text", "pattern": "*.txt"}},
                     "counts": {"type": "reduce_by_key", "options": {"keys": ["value"], "aggregates": ["count(*) AS n"]}},
                     "running": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "n", "emit": "changed", "as": "total",
                                 "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)"}},
                     "out": {"type": "sink.discard"}},
                    ["lines -> counts", "counts -> running", "running -> out"])


def work_folder():
    return tempfile.TemporaryDirectory(dir=os.path.join(CACHE, "bench"))


def state_checksum(checkpoint):
    checksum = 0
    for line in timed([program("streamwright"), "checkpoint", "export", checkpoint, "--node", "running"])[1].splitlines():
        row = json.loads(line)
        checksum = (checksum + splitmix((int(row["value"][1:], 16) * 31 + int(row["state"])) & MASK)) & MASK
    return f"{checksum:016x}"


def first_run(folder, batch):
    """The checksum of the state, and the bytes that the run wrote to disk."""
    with work_folder() as work:
        run = subprocess.Popen([program("streamwright"), "run", running_pipeline(work, folder, batch), "--progress", "none"])
        _, status, usage = os.wait4(run.pid, 0)
        if status != 0:
            sys.exit("the running count failed")
        return state_checksum(os.path.join(work, "checkpoint")), usage.ru_oublock * 512


def running_count(options):
    for keys in ((100_000,) if options.quick else (1_000_000, 10_000_000)):
        rows = 2_000_000 if options.quick else 20_000_000
        folder, path = data("keys", rows, keys, 42)
        batch = rows // 4

        def ours():
            with work_folder() as work:
                return timed([program("streamwright"), "run", running_pipeline(work, folder, batch), "--progress", "none"])[0]

        found, written = first_run(folder, batch)

        def limit(*more):
            with work_folder() as work:
                return timed([program("limit_running_count"), path, str(batch), os.path.join(work, "log"), str(written // 4), *more])

        expected = json_line(limit("checksum")[1])["checksum"]
        check(f"running count, {keys} keys", found, expected)
        print(f"ours wrote {written / 1e6:.0f} MB in all, and so does the limit")
        report(f"Running count, {rows / 1e6:.0f} M rows, {keys} keys, 4 batches, durable", rows / 1e6, "M rows/s",
               alternate(options.rounds, limit=lambda: limit()[0], ours=ours, **(peers("count_keys", path, expected) if options.peers else {})))
