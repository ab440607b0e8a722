"""A desktop of its own for the designer: Xvfb, a window manager, the accessibility bus. Real keys and clicks go in by
xdotool; what is on the screen is read from the accessibility tree, as a screen reader would."""
import os, re, subprocess, sys, time

sys.path.insert(0, "/usr/lib/python3/dist-packages")
import pyatspi

PATIENCE = 120       # seconds that anything may take on a busy machine
ACTIVE = pyatspi.STATE_ACTIVE


class Desktop:
    def __init__(self, folder, size="1440x900"):
        self.folder = folder
        self.processes = []
        reading, writing = os.pipe()
        self.start(["Xvfb", "-displayfd", str(writing), "-screen", "0", size + "x24", "-nolisten", "tcp"], pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as display:
            os.environ["DISPLAY"] = ":" + display.readline().strip()
        for name in ("config", "state", "data", "run"):
            os.makedirs(os.path.join(folder, name), mode=0o700)
        os.environ |= {"XDG_CONFIG_HOME": folder + "/config", "XDG_STATE_HOME": folder + "/state", "XDG_DATA_HOME": folder + "/data",
                       "XDG_RUNTIME_DIR": folder + "/run", "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "NO_AT_BRIDGE": "0"}
        self.start(["openbox"])
        managed = ["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]
        self.wait(lambda: "window id" in subprocess.run(managed, capture_output=True, text=True).stdout, "the window manager")

    def start(self, command, **more):
        process = subprocess.Popen(command, stdout=more.pop("stdout", subprocess.DEVNULL), stderr=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def picture(self, path):
        subprocess.run(["import", "-window", "root", path], check=False)

    # ---- hands
    def key(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "30", *keys], check=True)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "12", text], check=True)

    def click(self, thing, button=1):
        x, y, width, height = self.settled(thing)
        subprocess.run(["xdotool", "mousemove", str(x + width // 2), str(y + height // 2), "click", str(button)], check=True)

    def choose(self, thing):
        """Clicks until it is selected and has the keyboard: what appears above it may move it away under the pointer."""
        def chosen():
            focused = any(one.getState().contains(pyatspi.STATE_FOCUSED) for one in (thing, thing.parent))
            return focused and thing.getState().contains(pyatspi.STATE_SELECTED)

        def look():
            self.click(thing)
            end = time.monotonic() + 2      # a second click right away would be a double click
            while not chosen() and time.monotonic() < end:
                time.sleep(0.05)
            return chosen()
        self.wait(look, f"{thing.name} selected")

    def settled(self, thing):
        """Where it is, once it moves no more: a window manager and layouts take their time."""
        seen = []

        def look():
            seen.append(extents(thing))
            return seen[-1] if len(seen) > 3 and len(set(seen[-4:])) == 1 else None
        return self.wait(look, f"a place of {thing.name}")

    def point(self, x, y):
        subprocess.run(["xdotool", "mousemove", str(x), str(y)], check=True)

    # ---- eyes
    def application(self, name="streamwright-designer"):
        def look():
            return next((app for app in pyatspi.Registry.getDesktop(0) if app and app.name in (name, "designer")), None)
        return self.wait(look, f"the program {name} on the accessibility bus")

    def find(self, name, role=None, within=None):
        """The thing of this name (a text, or a pattern) that is on the screen."""
        root = within or self.application()
        wanted = name if isinstance(name, re.Pattern) else re.compile(re.escape(name) + "$")
        return self.wait(lambda: find(root, wanted, role), f"{role or 'something'} called {wanted.pattern}")

    def wait(self, look, what):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                found = look()
            except Exception:           # the tree changes while it is read
                found = None
            if found:
                return found
            time.sleep(0.1)
        self.picture(os.path.join(self.folder, "waiting.png"))
        raise AssertionError(f"{what} did not appear within {PATIENCE} s")


def extents(thing):
    box = thing.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return box.x, box.y, box.width, box.height


def shows(thing):
    return thing.getState().contains(pyatspi.STATE_SHOWING)


def find(root, wanted, role):
    stack = [root]
    while stack:
        thing = stack.pop()
        if thing is None:
            continue
        if wanted.match(thing.name or "") and (role is None or thing.getRoleName() == role) and shows(thing):
            return thing
        if thing.getRoleName() not in ("table", "tree table"):
            stack.extend(reversed([child for child in thing]))
    return None


def table_rows(table):
    cells = table.queryTable()
    return [[cells.getAccessibleAt(row, column).name for column in range(cells.nColumns)] for row in range(cells.nRows)]
