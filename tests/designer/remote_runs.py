"""Runs outside of the window, with the real program, a real window and real keys: a run in a process of its own that is
killed, one that goes on when its tab is closed, and a headless `streamwright run --listen` that is looked into, let go
and taken again.

    dbus-run-session -- python3 remote_runs.py BUILD_FOLDER [PICTURE]
"""
import glob, json, os, re, signal, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desktop import ACTIVE, Desktop, table_rows

PIPELINE = {
    "format": "streamwright/1", "name": "Words",
    "settings": {"batch_interval": "200ms"},
    "nodes": {
        "lines": {"type": "source.generate", "options": {"rows_per_second": 1000, "columns": ["concat('word', row % 7) AS word"]}},
        "counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"]}},
        "out": {"type": "sink.discard"},
    },
    "edges": ["lines -> counts", "counts -> out"],
}


def published(folder):
    """Process numbers of the runs that can be found and live."""
    found = [json.load(open(path))["process"] for path in glob.glob(folder + "/run/streamwright/*.run")]
    return [process for process in found if lives(process)]


def lives(process):
    try:
        return open(f"/proc/{process}/stat").read().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def running(desktop):
    desktop.find(re.compile("Running · batch"), role="label")


def look_into(desktop):
    desktop.choose(desktop.find("counts", role="list item", within=desktop.find("Canvas")))
    desktop.key("shift+1")
    table = desktop.find("Rows of the tap", role="table")
    desktop.wait(lambda: len(table_rows(table)) == 7 and all(int(row[1]) > 0 for row in table_rows(table)), "seven words in the tap")


def attach(desktop, difference=None):
    desktop.key("ctrl+shift+p")
    desktop.find("Search commands", role="text")
    desktop.type("attach to")
    desktop.key("Return")
    desktop.click(desktop.find("Attach", role="push button"))
    if difference:
        desktop.find(difference, role="label")
        return
    desktop.wait(lambda: desktop.application() and not absent_dialog(desktop), "the dialog's end")


def absent_dialog(desktop):
    return [window for window in desktop.application() if window.name == "Attach to a run"]


def own_process(desktop, folder):
    desktop.click(desktop.find("This window"))
    desktop.key("o")
    desktop.find("Own process")
    desktop.wait(lambda: published(folder), "a process of its own")
    desktop.click(desktop.find("Canvas"), button=2)
    desktop.key("Escape", "F5")
    running(desktop)
    look_into(desktop)
    first = published(folder)[0]
    os.kill(first, signal.SIGKILL)
    desktop.find(re.compile(f"Failed: own process {first} was ended by signal 9"), role="label")
    desktop.key("F5")
    running(desktop)
    second = published(folder)[0]
    assert second != first
    desktop.key("ctrl+w")
    desktop.click(desktop.find("Keep running", role="push button"))
    desktop.find("New pipeline", role="push button")
    assert lives(second)
    attach(desktop)
    running(desktop)
    desktop.key("shift+F5")
    desktop.find(re.compile("Stopped.*"), role="label")
    desktop.key("ctrl+w")
    desktop.find("New pipeline", role="push button")
    os.kill(second, signal.SIGTERM)
    desktop.wait(lambda: not lives(second), "the end of the process")


def headless(desktop, build, folder, path, picture):
    run = subprocess.Popen([os.path.join(build, "streamwright"), "run", path, "--listen"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        desktop.wait(lambda: run.pid in published(folder), "the run's file")
        attach(desktop)
        running(desktop)
        look_into(desktop)
        if picture:
            desktop.picture(picture)
        desktop.click(desktop.find(re.compile(r"127\.0\.0\.1:\d+$")))
        desktop.key("d")
        desktop.find("Not running", role="label")
        assert run.poll() is None
        attach(desktop)
        running(desktop)
        desktop.key("shift+F5")
        assert run.wait(60) == 0
        desktop.find(re.compile("Stopped.*"), role="label")
        assert not published(folder)
    finally:
        run.kill()
        run.wait()


def another_version(desktop, build, folder):
    """A file that was changed after its run began: the window asks which of the two to show."""
    path = os.path.join(folder, "changed.json")
    with open(path, "w") as file:
        json.dump(PIPELINE, file)
    run = subprocess.Popen([os.path.join(build, "streamwright"), "run", path, "--listen"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        desktop.wait(lambda: run.pid in published(folder), "the run's file")
        changed = json.loads(json.dumps(PIPELINE))
        changed["nodes"]["counts"]["options"]["aggregates"] = ["count(*) AS many"]
        with open(path, "w") as file:
            json.dump(changed, file)
        desktop.start([os.path.join(build, "streamwright-designer"), path])
        desktop.find(re.compile("changed.json"), role="page tab")
        attach(desktop, "Changed: counts.")
        desktop.click(desktop.find("Stay with the file", role="push button"))
        desktop.find(re.compile("Running an earlier version"), role="label")
        run.terminate()
        assert run.wait(60) == 0
    finally:
        run.kill()
        run.wait()


def main(build):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "words.json")
        with open(path, "w") as file:
            json.dump(PIPELINE, file)
        desktop = Desktop(folder)
        try:
            desktop.start([os.path.join(build, "streamwright-designer"), path])
            desktop.wait(lambda: desktop.application()[0].getState().contains(ACTIVE), "the active window")
            own_process(desktop, folder)
            another_version(desktop, build, folder)
            headless(desktop, build, folder, path, sys.argv[2] if len(sys.argv) > 2 else None)
        except BaseException:
            desktop.picture(os.environ.get("STREAMWRIGHT_FAILED_PICTURE", os.path.join(build, "remote_runs_failed.png")))
            raise
        finally:
            desktop.close()
    print("killed, kept, looked into, let go and taken again")


main(os.path.abspath(sys.argv[1]))
