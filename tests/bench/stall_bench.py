"""How long the batches beside a snapshot of a large state wait for it: fills a state with many keys, then feeds
a small file every 20 ms while the snapshot is taken, and compares those batches with the ones after it."""
import json, os, sqlite3, statistics, subprocess, tempfile, threading, time

from measure import CACHE, pipeline, program


def put(folder, name, text):
    path = os.path.join(folder, "." + name)
    with open(path, "w") as out:
        out.write(text)
    os.rename(path, os.path.join(folder, name))


def snapshots(checkpoint):
    with sqlite3.connect(f"file:{checkpoint}/checkpoint.sqlite?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*), coalesce(max(bytes), 0), coalesce(max(chunks), 0) FROM snapshots").fetchone()


def key(number):
    """A line of 16 bytes that does not compress, another one for every number."""
    return f"k{number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFF:015x}\n"


def millis(batch):
    """From the tick that asked for the batch to its end: a piece of the snapshot delays the start."""
    return sum(batch["waterfall"].values()) / 1e6


def small(batches, since, until):
    """Milliseconds of the fed batches that ended between."""
    return [millis(batch) for at, batch in batches if since < at < until and batch["numInputRows"] <= 1000]


def fill(work, keys):
    """The pipeline, and files with each key once."""
    incoming = os.path.join(work, "incoming")
    os.mkdir(incoming)
    for part in range(0, keys, 1_000_000):
        put(incoming, f"a{part:012d}.txt", "".join(key(i) for i in range(part, min(part + 1_000_000, keys))))
    return pipeline(work, {"batch_interval": "20ms", "checkpoint": "checkpoint", "backpressure": False, "retain": {"epochs": 20}},
                    {"lines": {"type": "source.directory", "options": {"path": "incoming"}},
                     "running": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "emit": "changed", "as": "total",
                                 "update": "coalesce(state, 0L) + size(values)"}},
                     "out": {"type": "sink.discard"}}, ["lines -> running", "running -> out"])


def feed(work, keys, begun):
    """100 rows every 20 ms until the snapshot is done and 10 s more; when it was done, and what it holds."""
    done, fed, found = None, 0, (0, 0, 0)
    while (done is None or time.monotonic() < done + 10) and time.monotonic() < begun + 120:
        put(os.path.join(work, "incoming"), f"b{fed:08d}.txt", "".join(key((fed * 7919 + i) % keys) for i in range(100)))
        fed += 1
        time.sleep(0.02)
        if done is None and fed % 25 == 0:
            found = snapshots(os.path.join(work, "checkpoint"))
            done = time.monotonic() if found[0] else None
    return done, found


def stall(options):
    keys = 1_000_000 if options.quick else 10_000_000
    batches = []

    def listen(lines):
        for line in lines:
            if line.startswith("{") and "numInputRows" in line:
                batches.append((time.monotonic(), json.loads(line)))

    with tempfile.TemporaryDirectory(dir=os.path.join(CACHE, "bench")) as work:
        file = fill(work, keys)
        run = subprocess.Popen([program("streamwright"), "run", file, "--progress", "json"], stderr=subprocess.PIPE, text=True)
        threading.Thread(target=listen, args=(run.stderr,), daemon=True).start()
        while sum(batch["numInputRows"] for _, batch in batches) < keys and run.poll() is None:
            time.sleep(0.05)
        begun = time.monotonic()
        done, (_, size, pieces) = feed(work, keys, begun)
        run.terminate()
        run.wait()
    end = done or time.monotonic()
    during, after = small(batches, begun + 1, end), small(batches, end + 1, float("inf"))
    print(f"\nThe snapshot of a state of {keys} keys: {size / 1e6:.0f} MB in {pieces} pieces, {'done' if done else 'not done'} after {end - begun:.1f} s")
    for name, times in (("beside it", during), ("after it", after)):
        if times:
            ordered = sorted(times)
            print(f"  batches {name:10} {len(times):6}: median {statistics.median(times):8.2f} ms, p99 {ordered[int(len(ordered) * 0.99)]:8.2f} ms, longest {ordered[-1]:8.2f} ms")
    if during and after:
        print(f"  the longest batch beside it took {max(during) - statistics.median(after):.2f} ms longer than a usual one (wanted: at most 5 ms)")
    return batches, begun, end
