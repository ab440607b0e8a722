"""The same work on DuckDB, Polars and PySpark, installed into an environment of their own."""
import os, re, subprocess, sys

from measure import CACHE, timed


def venv_python():
    folder = os.path.join(CACHE, "peers")
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "duckdb", "polars", "pyspark==3.5.5"], check=True)
    return python


def peers_word_count(path):
    python = venv_python()
    duck = f"import duckdb; print(duckdb.sql(\"set threads=2; select count(*), sum(n) from (select w, count(*) n from (select unnest(string_split(column0, ' ')) w from read_csv('{path}', header=false, delim='\\x01', quote='', escape='', columns={{'column0':'VARCHAR'}})) group by w)\").fetchall())"
    duck = duck.replace("set threads=2; ", "")
    polars = f"import polars as p; print(p.scan_csv('{path}', has_header=False, separator='\\x01', quote_char=None).select(p.col('column_1').str.split(' ').explode().alias('w')).group_by('w').len().collect(engine='streaming').height)"
    spark = ("from pyspark.sql import SparkSession, functions as f; import time\n"
             "s = SparkSession.builder.master('local[2]').config('spark.ui.enabled', 'false').config('spark.sql.shuffle.partitions', '2').getOrCreate()\n"
             f"q = lambda: s.read.text('{path}').select(f.explode(f.split('value', ' ')).alias('w')).groupBy('w').count().agg(f.sum('count')).collect()\n"
             "q(); t = time.monotonic(); q(); print('SECONDS', time.monotonic() - t)")

    def run_spark():
        out = timed([python, "-c", spark])[1]
        return float(re.search(r"SECONDS ([0-9.]+)", out)[1])

    return {"duckdb": lambda: timed([python, "-c", duck], env={**os.environ, "OMP_NUM_THREADS": "2"})[0],
            "polars": lambda: timed([python, "-c", polars], env={**os.environ, "POLARS_MAX_THREADS": "2"})[0],
            "spark (warm)": run_spark}
