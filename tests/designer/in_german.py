"""Runs a command where numbers are written with a comma: de_DE, made in a folder of its own where the system has none.

    python3 in_german.py COMMAND…
"""
import os, subprocess, sys, tempfile

with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", os.path.join(folder, "de_DE.UTF-8")], check=True)
    os.environ |= {"LOCPATH": folder, "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
    comma = subprocess.run([sys.executable, "-c", "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])"], capture_output=True, text=True)
    if comma.stdout.strip() != ",":
        sys.exit(f"the locale de_DE does not work here: {comma.stdout}{comma.stderr}")
    sys.exit(subprocess.run(sys.argv[1:]).returncode)
