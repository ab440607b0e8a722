"""All texts that a person reads, as a Qt translation file: the designer's by lupdate, the engine's (context "engine") from
`streamwright nodes --json`, `functions --json` and the sentences in its sources, whose arguments are %1, %2 … Beside them
the context has two texts for widgets/theme/engine_text.cpp: "language", and "sentences", the list of those with arguments.

    python3 extract_texts.py BUILD_FOLDER OUT.ts [--pseudo]     --pseudo: every text gets a translation, «text»
"""
import json, os, re, subprocess, sys
import xml.etree.ElementTree as xml

SOURCES = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
LUPDATE = "/usr/lib/qt6/bin/lupdate"
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
# As widgets/theme/names.cpp spells them.
SPELLED = dict(re.findall(r'\{"(\w+)", +"([^"]+)"\}', open(os.path.join(SOURCES, "widgets/theme/names.cpp")).read()))


def title(name):
    words = " ".join(SPELLED.get(word, word) for word in name.split(".")[-1].split("_") if word)
    return words[:1].upper() + words[1:]


def sentence_id(text):
    """fmt's places as Qt's: "{} must be at least {}" is "%1 must be at least %2"."""
    places = iter(range(1, 100))
    return re.sub(r"\{[^{}]*\}", lambda _: f"%{next(places)}", text)


def literals(source):
    """String literals as fmt's sentences: those beside each other are one, what is added between and around is a place."""
    text, end = None, 0
    for match in LITERAL.finditer(source):
        part = re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group()), match.group(1))
        between = source[end:match.start()]
        if text is not None and not between.strip():
            text += part
        elif text is not None and re.fullmatch(r"\s*\+[^;\"{}]*\+\s*", between):
            text += "{}" + part
        else:
            if text is not None:
                yield text + ("{}" if re.match(r"\s*\+", between) else "")
            text = ("{}" if re.search(r"[\w)]\s*\+\s*$", between) else "") + part
        end = match.end()
    if text is not None:
        yield text


def texts_of_fields(fields):
    for field in fields:
        yield field["help"]
        yield field.get("unit", "")
        yield title(field["name"])


def engine_texts(program):
    nodes = json.loads(subprocess.run([program, "nodes", "--json"], capture_output=True, check=True).stdout)
    for node in nodes["nodes"]:
        yield title(node["type"])
        yield node["summary"]
        yield node.get("help", "")
        yield from texts_of_fields(node["fields"])
        yield from (port.get("help", "") for port in node["inputs"] + node["outputs"])
    yield from texts_of_fields(nodes.get("settings", []))
    for function in json.loads(subprocess.run([program, "functions", "--json"], capture_output=True, check=True).stdout):
        yield function["help"]
    for folder, _, files in os.walk(os.path.join(SOURCES, "engine")):
        for name in sorted(files):
            if name.endswith((".cpp", ".h")):
                for text in literals(open(os.path.join(folder, name), encoding="utf-8").read()):
                    if re.search(r"[a-z]{2,} [a-z\"{]", text):
                        yield sentence_id(text)


def add_own_functions(tree, folders):
    """Files with `QString tr(const char* text) { return …translate("CONTEXT", text); }`: lupdate takes the namespace for
    the context of what it translates."""
    named = re.compile(r'QString tr\(const char\* text.*translate\("([\w:]+)"')
    contexts = set()
    for folder in folders:
        for path, _, files in os.walk(folder):
            for name in files:
                contexts.update(named.findall(open(os.path.join(path, name), encoding="utf-8").read()))
    for found in [one for one in tree.getroot().iter("context") if one.find("name").text == "streamwright"]:
        for name in sorted(contexts):
            copy = xml.fromstring(xml.tostring(found))
            copy.find("name").text = name
            tree.getroot().append(copy)


def main(build, out, pseudo):
    folders = [os.path.join(SOURCES, folder) for folder in ("app/designer", "widgets")]
    done = subprocess.run([LUPDATE, "-silent", "-no-obsolete", "-locations", "none", "-extensions", "cpp,h", "-I", SOURCES, *folders, "-ts", out], capture_output=True, text=True)
    # A class that is defined outside of its own, and a specialisation, have no texts; what a file's own function tr()
    # translates is put where it belongs below.
    harmless = ("Ignoring definition of undeclared", "Class 'streamwright' lacks Q_OBJECT macro")
    complaints = [line for line in done.stderr.splitlines() if line.strip() and not any(words in line for words in harmless)]
    if done.returncode or complaints:
        sys.exit("lupdate complains:\n" + "\n".join(complaints))
    tree = xml.parse(out)
    add_own_functions(tree, folders)
    context = xml.SubElement(tree.getroot(), "context")
    xml.SubElement(context, "name").text = "engine"
    texts = sorted({text for text in engine_texts(os.path.join(build, "streamwright")) if text})
    for text in texts:
        message = xml.SubElement(context, "message")
        xml.SubElement(message, "source").text = text
        xml.SubElement(message, "translation", {"type": "unfinished"})
    sentences = "\n".join(text for text in texts if "%1" in text and "\n" not in text)
    if pseudo:
        tree.getroot().set("language", "de_DE")
        for message in tree.iter("message"):
            translation = message.find("translation")
            translation.attrib.pop("type", None)
            made = "«" + message.find("source").text + "»"
            if message.get("numerus") == "yes":
                translation.clear()
                for _ in range(2):
                    xml.SubElement(translation, "numerusform").text = made
            else:
                translation.text = made
    for source, translation in (("language", pseudo and "pseudo" or "(the language's code)"), ("sentences", sentences)):
        message = xml.SubElement(context, "message")
        xml.SubElement(message, "source").text = source
        xml.SubElement(message, "translation").text = translation
    tree.write(out, encoding="utf-8", xml_declaration=True)
    print(f"{sum(1 for _ in tree.iter('message'))} texts in {sum(1 for _ in tree.iter('context'))} contexts")


main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), "--pseudo" in sys.argv)
