"""Runs the cases of cases.toml against each server of peers.toml, and writes docs/conformance.md.

    report.py GLACIER_MOCK          # the path of the program; starts all servers and writes the page
    report.py --check               # exits with 1 if the page and cases.toml have different cases

Needs Python 3.11, boto3 and moto[server], and the programs of benches/emulators in a release build.
"""

import datetime
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import conformance

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs/conformance.md"
EMULATORS = HERE.parent / "emulators"
WORDS = {"passed": "yes", "failed": "**no**", "not implemented": "–"}

# The text above this line of the page is written by hand.
MARK = "<!-- generated -->"


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    glacier_mock = Path(sys.argv[1]).resolve()
    with open(HERE / "peers.toml", "rb") as file:
        peers = tomllib.load(file)["peer"]
    target = Path(os.environ.get("EMULATORS_TARGET_DIR", EMULATORS / "target"))
    names = {
        "glacier_mock": glacier_mock,
        "emulators": target / "release",
        "manifest": EMULATORS / "Cargo.toml",
        "python": sys.executable,
    }
    for peer in peers:
        peer["results"] = results_of(peer, names)
        version = subprocess.run(filled(peer["version"], names), capture_output=True, text=True, check=True).stdout
        peer["version"] = re.search(r"\d+\.\d+\.\d+", version.strip().split("#")[-1].split("@")[-1])[0]
        counts = [outcome for _, outcome, _ in peer["results"]]
        print(peer["name"], peer["version"], {word: counts.count(word) for word in WORDS})
    PAGE.write_text(page(peers))
    return 0


def filled(command, names):
    return [str(word).format(**names) for word in command]


def results_of(peer, names):
    """Starts the server on a free port, runs the cases, and ends the server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(filled(peer["command"], names | {"port": port}), **quiet) as server:
        try:
            end = time.monotonic() + 60
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert server.poll() is None, f"{peer['name']} ended with {server.returncode}"
                    assert time.monotonic() < end, f"{peer['name']} does not listen"
                    time.sleep(0.05)
            return conformance.run(f"http://127.0.0.1:{port}", peer.get("operations"))
        finally:
            server.terminate()


# The page -------------------------------------------------------------------------------------------------------------


def page(peers):
    groups = list(dict.fromkeys(case["group"] for case, _, _ in peers[0]["results"]))
    text = [PAGE.read_text().split(MARK)[0] + MARK, "", f"Run on {datetime.date.today()} with these servers:\n"]
    text += [f"- **{peer['name']} {peer['version']}**: {peer['about']}." for peer in peers]
    text += ["", "## By group", "", "Cases passed, of those whose operations the server claims to have.", ""]
    text += [row(["", *(peer["name"] for peer in peers)]), row(["---"] * (len(peers) + 1))]
    for group in groups:
        text.append(row([group, *(count(peer, lambda case, group=group: case["group"] == group) for peer in peers)]))
    text.append(row(["**all**", *(count(peer, lambda _: True) for peer in peers)]))
    operations = (str(len(peer.get("operations", [])) or 33) for peer in peers)
    text.append(row(["operations, of 33", *operations]))
    text += ["", "## By case"]
    for group in groups:
        text += ["", f"### {group}", "", row(["case", "source", *(peer["name"] for peer in peers)])]
        text.append(row(["---"] * (len(peers) + 2)))
        for number, (case, _, _) in enumerate(peers[0]["results"]):
            if case["group"] == group:
                outcomes = (WORDS[peer["results"][number][1]] for peer in peers)
                text.append(row([case["name"], case["source"], *outcomes]))
    text += ["", "## What the servers answered instead", ""]
    text += ["The first difference of each case that failed. A case ends there. Cases that failed in the same way share a line.", ""]
    for peer in peers:
        failed = [(case, reason) for case, outcome, reason in peer["results"] if outcome == "failed"]
        if failed:
            text += [f"### {peer['name']}", ""]
            text += [f"- {line}" for line in lines_of(failed)] + [""]
    return "\n".join(text).rstrip() + "\n"


def lines_of(failed):
    """One line for each case that failed. Cases that failed in the same way more than twice share a line."""
    by_reason = {}
    for case, reason in failed:
        by_reason.setdefault(reason, []).append(case["name"])
    for reason, names in by_reason.items():
        if len(names) > 2:
            yield f"{code(reason)}, in {len(names)} cases: {'; '.join(names)}"
        else:
            yield from (f"{name}: {code(reason)}" for name in names)


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def count(peer, of):
    outcomes = [outcome for case, outcome, _ in peer["results"] if of(case)]
    claimed = [outcome for outcome in outcomes if outcome != "not implemented"]
    return f"{claimed.count('passed')} of {len(claimed)}" if claimed else "–"


def code(reason):
    """A reason as Markdown: the values may contain characters with a meaning there."""
    return "`" + reason.replace("`", "'") + "`"


def check():
    """Compares the cases of the page with those of cases.toml."""
    listed = re.findall(r"^\| (.+?) \| ((?:api|observed)\.md \S+) \|", PAGE.read_text(), re.MULTILINE)
    expected = [(case["name"], case["source"]) for case in conformance.cases()["case"]]
    different = set(listed) ^ set(expected)
    if different:
        print("docs/conformance.md is not current; .ci/conformance --update writes it. Cases that differ:")
        print("\n".join(sorted(name for name, _ in different)))
        return 1
    print(f"docs/conformance.md lists the {len(expected)} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
