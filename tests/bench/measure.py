"""What the benchmarks share: generated data, pipeline files, runs in turn, checksums."""
import json, os, statistics, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("STREAMWRIGHT_BUILD", os.path.join(ROOT, "build"))
CACHE = os.environ.get("STREAMWRIGHT_CACHE", os.path.join(os.path.expanduser("~"), ".cache", "streamwright"))
MASK = (1 << 64) - 1


def splitmix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def fnv(word):
    h = 0xCBF29CE484222325
    for byte in word:
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def program(name):
    return os.path.join(BUILD, name)


def data(kind, *arguments):
    """A generated file in the cache, in a folder of its own: generated once."""
    folder = os.path.join(CACHE, "bench", "-".join([kind, *map(str, arguments)]))
    path = os.path.join(folder, "data.txt")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with open(path + ".part", "wb") as out:
            subprocess.run([program("bench_generate"), kind, *map(str, arguments)], stdout=out, check=True)
        os.rename(path + ".part", path)
    return folder, path


def pipeline(folder, settings, nodes, edges):
    path = os.path.join(folder, "pipeline.json")
    with open(path, "w") as out:
        json.dump({"format": "streamwright/1", "name": "bench", "settings": settings, "nodes": nodes, "edges": edges}, out)
    return path


def timed(command, **more):
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, **more)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


def alternate(rounds, **sides):
    """Runs the sides in turn, `rounds` times; name -> list of seconds."""
    results = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            results[name].append(run())
    return results


def report(title, amount, unit, results, limit="limit"):
    base = statistics.median(results[limit])
    print(f"\n{title}")
    for name, seconds in results.items():
        median = statistics.median(seconds)
        print(f"  {name:12} {amount / median:10.1f} {unit:10} median of {len(seconds)}, {min(seconds):.3f} to {max(seconds):.3f} s   {base / median:.2f} of the limit")


def json_line(text):
    for line in text.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    sys.exit(f"no JSON line in: {text}")


def check(what, found, expected):
    if str(found) != str(expected):
        sys.exit(f"{what}: checksum {found} instead of {expected}: the figures would not count")
    print(f"{what}: checksum {found} as expected")
