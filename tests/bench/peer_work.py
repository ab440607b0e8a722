"""One piece of work on one peer, run by the interpreter of the peers' environment:
    peer_work.py duckdb|polars|spark word_count|grep|count_keys FILE
Prints a JSON line: the seconds of the query (not of the start of the interpreter) and the checksum of its result.
A peer has two threads, as ours has two workers. Spark runs the query once before, so that it is measured warm."""
import json, sys, tempfile, time

import numpy, polars

NEEDLE = "NEEDLE77"


def splitmix(x):
    x = x + numpy.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return x ^ (x >> numpy.uint64(31))


def fnv(word):
    h = 0xCBF29CE484222325
    for byte in word.encode():
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


def checksum(work, result):
    """Of a frame of keys `w` and counts `n`; of a number, itself."""
    if work == "grep":
        return str(result)
    counts = result["n"].cast(polars.UInt64).to_numpy()
    if work == "word_count":
        keys = numpy.array([fnv(word) for word in result["w"]], dtype=numpy.uint64)
    else:
        keys = result["w"].str.slice(1).str.to_integer(base=16, dtype=polars.UInt64).to_numpy() * numpy.uint64(31)
    return f"{int(splitmix(keys + counts).sum(dtype=numpy.uint64)):016x}"


def on_duckdb(work, path):
    import duckdb
    duckdb.sql("SET threads = 2")
    lines = f"read_csv('{path}', header=false, delim='\\x01', quote='', escape='', columns={{'w': 'VARCHAR'}})"
    query = {"word_count": f"SELECT w, count(*) AS n FROM (SELECT unnest(string_split(w, ' ')) AS w FROM {lines}) GROUP BY w",
             "grep": f"SELECT count(*) AS n FROM {lines} WHERE contains(w, '{NEEDLE}')",
             "count_keys": f"SELECT w, count(*) AS n FROM {lines} GROUP BY w"}[work]
    start = time.monotonic()
    columns = duckdb.sql(query).fetchnumpy()
    seconds = time.monotonic() - start
    return seconds, int(columns["n"][0]) if work == "grep" else polars.DataFrame({"w": columns["w"].tolist(), "n": columns["n"]})


def on_polars(work, path):
    lines = polars.scan_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["w"], schema_overrides={"column_1": polars.String})
    query = {"word_count": lambda: lines.select(polars.col("w").str.split(" ").explode()).group_by("w").agg(polars.len().alias("n")),
             "grep": lambda: lines.filter(polars.col("w").str.contains(NEEDLE, literal=True)).select(polars.len().alias("n")),
             "count_keys": lambda: lines.group_by("w").agg(polars.len().alias("n"))}[work]()
    start = time.monotonic()
    result = query.collect(engine="streaming")
    seconds = time.monotonic() - start
    return seconds, result["n"][0] if work == "grep" else result


def on_spark(work, path):
    from pyspark.sql import SparkSession, functions as f
    spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
             .config("spark.driver.memory", "4g").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    lines = spark.read.text(path).withColumnRenamed("value", "w")
    if work == "grep":
        def run():
            return lines.filter(f.contains(f.col("w"), f.lit(NEEDLE))).count()
    else:
        words = lines.select(f.explode(f.split("w", " ")).alias("w")) if work == "word_count" else lines
        counts = words.groupBy("w").agg(f.count("*").alias("n"))

        def run():
            counts.write.format("noop").mode("overwrite").save()
    run()
    start = time.monotonic()
    result = run()
    seconds = time.monotonic() - start
    if work != "grep":
        with tempfile.TemporaryDirectory() as folder:
            counts.write.mode("overwrite").parquet(folder)
            result = polars.read_parquet(folder + "/*.parquet")
    spark.stop()
    return seconds, result


if __name__ == "__main__":
    peer, chosen, file = sys.argv[1:]
    taken, answer = {"duckdb": on_duckdb, "polars": on_polars, "spark": on_spark}[peer](chosen, file)
    print(json.dumps({"seconds": taken, "checksum": checksum(chosen, answer)}))
