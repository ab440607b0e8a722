"""What a key costs in memory: by how much the process grows while its state does, the index and all that the
allocator holds included. From a tenth of the keys on: until then batches, commits and a snapshot have had the
memory that they need themselves."""
import json, os, subprocess, tempfile

from measure import CACHE, data, program
from running_count import running_pipeline


def resident(process):
    for line in open(f"/proc/{process}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024


def memory(options):
    keys, rows = (100_000, 2_000_000) if options.quick else (10_000_000, 20_000_000)
    folder, _ = data("keys", rows, keys, 42)
    samples = []
    with tempfile.TemporaryDirectory(dir=os.path.join(CACHE, "bench")) as work:
        file = running_pipeline(work, folder, 100_000)
        with subprocess.Popen([program("streamwright"), "run", file, "--progress", "json"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
            for line in run.stderr:
                batch = json.loads(line) if line.startswith("{") and "stateOperators" in line else None
                if batch and batch["stateOperators"] and run.poll() is None:
                    state = batch["stateOperators"][0]
                    samples.append((state["numRowsTotal"], state["memoryUsedBytes"], resident(run.pid)))
    (few, _, before), (many, own, after) = next(s for s in samples if s[0] * 10 >= samples[-1][0]), samples[-1]
    print(f"\nA key of 16 bytes with a BIGINT, from {few / 1e6:.1f} M to {many / 1e6:.1f} M keys")
    print(f"  the process grew by {(after - before) / (many - few):.1f} bytes per key, the state counts {own / many:.1f} (wanted: at most 48)")
