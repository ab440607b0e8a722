"""How long the batches beside a snapshot of a large state wait for it: fills a state with many keys, then feeds
a small file every 20 ms while the snapshot is taken, and compares those batches with the ones after it.
    python3 tests/bench/stall_bench.py [--keys 10000000] [--program build/streamwright]"""
import argparse, json, os, sqlite3, statistics, subprocess, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=10_000_000)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "streamwright"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        incoming, checkpoint = os.path.join(work, "incoming"), os.path.join(work, "checkpoint")
        os.mkdir(incoming)
        with open(os.path.join(work, "pipeline.json"), "w") as out:
            json.dump({"format": "streamwright/1", "name": "stall", "settings": {"batch_interval": "20ms", "checkpoint": "checkpoint", "backpressure": False, "retain": {"epochs": 20}},
                       "nodes": {"lines": {"type": "source.directory", "options": {"path": "incoming"}},
                                 "running": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "emit": "changed", "as": "total",
                                             "update": "coalesce(state, 0L) + size(values)"}},
                                 "out": {"type": "sink.discard"}}, "edges": ["lines -> running", "running -> out"]}, out)
        for part in range(0, options.keys, 1_000_000):
            put(incoming, f"a{part:012d}.txt", "".join(key(i) for i in range(part, min(part + 1_000_000, options.keys))))
        run = subprocess.Popen([options.program, "run", os.path.join(work, "pipeline.json"), "--progress", "json"], stderr=subprocess.PIPE, text=True)
        batches = []

        def listen():
            for line in run.stderr:
                if line.startswith("{") and "numInputRows" in line:
                    batches.append((time.monotonic(), json.loads(line)))
        threading.Thread(target=listen, daemon=True).start()
        while not batches or sum(b["numInputRows"] for _, b in batches) < options.keys:
            time.sleep(0.05)
        begun = time.monotonic()
        done, fed, count = None, 0, (0, 0, 0)
        while done is None or time.monotonic() < done + 10:
            put(incoming, f"b{fed:08d}.txt", "".join(key((fed * 7919 + i) % options.keys) for i in range(100)))
            fed += 1
            time.sleep(0.02)
            if done is None and fed % 25 == 0:
                count = snapshots(checkpoint)
                done = time.monotonic() if count[0] else None
            if time.monotonic() > begun + 120:
                break
        run.terminate()
        run.wait()
        end = done or time.monotonic()
        during = [millis(b) for at, b in batches if begun + 1 < at < end and b["numInputRows"] <= 1000]
        after = [millis(b) for at, b in batches if at > end + 1 and b["numInputRows"] <= 1000]
        print(f"{options.keys} keys, snapshot of {count[1] / 1e6:.0f} MB in {count[2]} pieces, {'done' if done else 'not done'} after {end - begun:.1f} s")
        for name, times in (("beside it", during), ("after it", after)):
            if times:
                ordered = sorted(times)
                print(f"  batches {name:10} {len(times):6}: median {statistics.median(times):8.2f} ms, p99 {ordered[int(len(ordered) * 0.99)]:8.2f} ms, longest {ordered[-1]:8.2f} ms")
        if during and after:
            print(f"  the longest batch beside it took {max(during) - statistics.median(after):.2f} ms longer than a usual one (goal: at most 5 ms)")


main()
