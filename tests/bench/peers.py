"""The same work on DuckDB, Polars and PySpark, installed into an environment of their own."""
import os, subprocess, sys

from measure import CACHE, check, json_line, timed

PACKAGES = ["duckdb", "polars", "pyspark==3.5.5", "numpy"]
PEERS = ("duckdb", "polars", "spark")


def venv_python():
    """The interpreter of the peers' environment; `installed` is written last, so that one cut off is made anew."""
    folder = os.path.join(CACHE, "peers")
    python, installed = os.path.join(folder, "bin", "python"), os.path.join(folder, "installed")
    wanted = " ".join(PACKAGES)
    if not os.path.exists(installed) or open(installed).read() != wanted:
        print("installing", wanted, "into", folder, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        with open(installed, "w") as out:
            out.write(wanted)
    return python


def peers(work, path, expected):
    """Name -> a run of the work that gives its seconds, for `alternate`. A run whose result is wrong ends everything."""
    python = venv_python()
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer_work.py")
    checked = set()

    def run(peer):
        answer = json_line(timed([python, script, peer, work, path], env={**os.environ, "POLARS_MAX_THREADS": "2"})[1])
        if answer["checksum"] != str(expected) or peer not in checked:
            check(f"{work} on {peer}", answer["checksum"], expected)
        checked.add(peer)
        return answer["seconds"]

    return {peer: (lambda peer=peer: run(peer)) for peer in PEERS}
