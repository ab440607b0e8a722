"""Rows of CSV into a table of a PostgreSQL server of its own (tests/servers): sink.postgres with a checkpoint, which commits once a
batch, beside psql's \\copy of the same file, which is one transaction; then updates by key beside \\copy into a temporary table and
INSERT … ON CONFLICT."""
import os, subprocess, tempfile

from measure import CACHE, ROOT, alternate, check, pipeline, program, report, splitmix, timed

SCHEMA = "id BIGINT, word STRING, amount DOUBLE, at TIMESTAMP"
BATCH = 200_000


def csv(rows, keys):
    """A file whose words have `keys` different values."""
    folder = os.path.join(CACHE, "bench", f"orders-{rows}-{keys}")
    path = os.path.join(folder, "data.csv")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with open(path + ".part", "w") as out:
            for id in range(rows):
                x = splitmix(id)
                out.write(f"{id},word{x % keys},{(x >> 20) % 1000000 / 100},2024-01-{x % 28 + 1:02d} {x % 24:02d}:{x % 60:02d}:00.{x % 1000000:06d}Z\n")
        os.rename(path + ".part", path)
    return folder, path


class Server:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        self.run("start")
        self.url = dict(line.strip().split("=", 1) for line in open(os.path.join(self.folder.name, "server", "env")))["POSTGRES_URL"]
        return self

    def __exit__(self, *_):
        self.run("stop")
        self.folder.cleanup()

    def run(self, verb):
        subprocess.run([os.path.join(ROOT, "tests/servers/postgres.sh"), verb, os.path.join(self.folder.name, "server")], check=True, stdout=subprocess.DEVNULL)

    def sql(self, *commands):
        return timed(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.url, *(part for command in commands for part in ("-c", command))])


def ours(server, folder, mode):
    server.sql("DROP TABLE IF EXISTS orders, streamwright_epochs")
    with tempfile.TemporaryDirectory() as work:
        file = pipeline(work, {"trigger": "available_now", "checkpoint": "checkpoint", "parallelism": 2, "max_rows_per_batch": BATCH, "backpressure": False},
                        {"rows": {"type": "source.directory", "options": {"path": folder, "format": "csv", "pattern": "*.csv", "header": False, "schema": SCHEMA}},
                         "out": {"type": "sink.postgres", "options": {"url": server.url, "tls": "disable", "table": "orders", **mode}}}, ["rows -> out"])
        return timed([program("streamwright"), "run", file, "--progress", "none"])[0]


COLUMNS = "id bigint, word text, amount double precision, at timestamptz"


def copied(server, path):
    server.sql("DROP TABLE IF EXISTS orders", f"CREATE TABLE orders ({COLUMNS})")
    return server.sql(f"\\copy orders FROM '{path}' (FORMAT csv)")[0]


def merged(server, path):
    server.sql("DROP TABLE IF EXISTS orders", f"CREATE TABLE orders ({COLUMNS}, PRIMARY KEY (word))")
    return server.sql(f"CREATE TEMPORARY TABLE arrivals ({COLUMNS})", f"\\copy arrivals FROM '{path}' (FORMAT csv)",
                      "INSERT INTO orders SELECT DISTINCT ON (word) * FROM arrivals ORDER BY word, id DESC ON CONFLICT (word) DO UPDATE SET id = excluded.id, amount = excluded.amount, at = excluded.at")[0]


def content(server):
    return server.sql("SELECT count(*), sum(hashtextextended(o::text, 0)) FROM orders o")[1].strip()


def postgres(options):
    rows = 100_000 if options.quick else 2_000_000
    upsert = {"mode": "upsert", "keys": ["word"]}
    with Server() as server:
        for what, keys, limit, mode in (("appended", rows, copied, {}), ("updated by 100,000 keys", 100_000, merged, upsert)):
            folder, path = csv(rows, keys)
            limit(server, path)
            expected = content(server)
            ours(server, folder, mode)
            check(f"PostgreSQL, {what}", content(server), expected)
            report(f"PostgreSQL, {rows // 1000}k rows {what}", rows / 1e3, "k rows/s",
                   alternate(options.rounds, limit=lambda: limit(server, path), ours=lambda: ours(server, folder, mode)))
