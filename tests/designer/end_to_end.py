"""A newcomer's path with the real program, a real window and real keys: from the empty canvas a word count is built, run
against a real socket, looked into, saved, and run again from the file by `streamwright`, to the same result.

    dbus-run-session -- python3 end_to_end.py BUILD_FOLDER
"""
import json, os, re, socket, subprocess, sys, tempfile, threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desktop import ACTIVE, Desktop, table_rows

LINES = b"to be or not to be\nto see or not to see\n"
COUNTS = {"to": 4, "be": 2, "or": 2, "not": 2, "see": 2}


class Speaker:
    """A server that says the lines once to each who connects, and stays."""
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.peers = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            self.peers.append(peer)
            peer.sendall(LINES)

    def close(self):
        for peer in self.peers:
            peer.close()
        self.listener.close()


def add(desktop, key, words):
    """A node by typing a part of its name."""
    desktop.key(key)
    desktop.find("Add a node", role="text")
    desktop.type(words)
    desktop.key("Return")


def fill(desktop, field, value):
    box = desktop.find(field, role="text")
    desktop.click(box)
    desktop.key("ctrl+a")
    desktop.type(value)
    desktop.key("Tab")


def select(desktop, node):
    desktop.choose(desktop.find(node, role="list item", within=desktop.find("Canvas")))


def build_pipeline(desktop, port):
    desktop.click(desktop.find("New pipeline", role="push button"))
    canvas = desktop.find("Canvas")
    desktop.click(canvas)
    add(desktop, "space", "socket")
    for words in ("flat map", "reduce by key", "console"):
        add(desktop, "ctrl+space", words)
    desktop.key("Home")
    select(desktop, "socket")
    fill(desktop, "Port", str(port))
    select(desktop, "flat_map")
    fill(desktop, "Expression", "split(value, ' ')")
    fill(desktop, "As", "word")
    select(desktop, "reduce_by_key")
    fill(desktop, "Keys, new entry", "word")
    fill(desktop, "Aggregates, new entry", "count(*) AS n")
    desktop.find(re.compile("No mistakes"), role="label")


def run_and_look(desktop):
    desktop.key("F5")
    desktop.find(re.compile("Running"), role="label")
    select(desktop, "reduce_by_key")
    desktop.key("shift+1")
    table = desktop.find("Rows of the tap", role="table")
    desktop.wait(lambda: {row[0]: int(row[1]) for row in table_rows(table)} == COUNTS, "the counts in the tap")


def save(desktop, path):
    desktop.click(desktop.find("Canvas"), button=2)
    desktop.key("ctrl+s")
    name = desktop.find(re.compile("File name.*"), role="text")
    desktop.click(name)
    desktop.key("ctrl+a")
    desktop.type(path)
    desktop.key("Return")
    desktop.wait(lambda: os.path.exists(path), path)


def run_saved(program, path, folder):
    record = os.path.join(folder, "counts.jsonl")
    names = [name for name, node in json.load(open(path))["nodes"].items() if node["type"] == "reduce_by_key"]
    run = subprocess.Popen([program, "run", path, "--progress", "none", "--record", f"{names[0]}={record}"], stdout=subprocess.DEVNULL)
    try:
        total = {}
        while total != COUNTS:
            total = {}
            for line in open(record) if os.path.exists(record) else []:
                for row in json.loads(line):
                    total[row["word"]] = total.get(row["word"], 0) + row["n"]
            if run.poll() is not None:
                raise AssertionError("the saved pipeline ended by itself")
            threading.Event().wait(0.1)
    finally:
        run.terminate()
        run.wait()


def main(build):
    with tempfile.TemporaryDirectory() as folder:
        desktop, speaker = Desktop(folder), Speaker()
        try:
            desktop.start([os.path.join(build, "streamwright-designer")])
            desktop.wait(lambda: desktop.application()[0].getState().contains(ACTIVE), "the active window")
            build_pipeline(desktop, speaker.port)
            run_and_look(desktop)
            path = os.path.join(folder, "words.json")
            save(desktop, path)
            desktop.key("shift+F5")
            desktop.find(re.compile("Stopped.*"), role="label")
            run_saved(os.path.join(build, "streamwright"), path, folder)
            if len(sys.argv) > 2:
                desktop.picture(sys.argv[2])
        except BaseException:
            desktop.picture(os.environ.get("STREAMWRIGHT_FAILED_PICTURE", os.path.join(build, "end_to_end_failed.png")))
            raise
        finally:
            desktop.close()
            speaker.close()
    print("built, run, looked into, saved and run again")


main(os.path.abspath(sys.argv[1]))
