"""Runs the cases of cases.toml against a Glacier endpoint, and prints one line for each.

    conformance.py http://127.0.0.1:4566            # exits with 1 if a case failed
    conformance.py http://127.0.0.1:4566 --json     # the results as JSON, for report.py
    conformance.py --self-test                      # shows that each case can fail, and that each source exists

Needs Python 3.11 and boto3. Each case has vaults of its own, so that the cases can share a server and run at the same time.
"""

import argparse
import functools
import hashlib
import io
import http.client
import http.server
import json
import random
import re
import sys
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import botocore.loaders
import botocore.utils

HERE = Path(__file__).parent
REGION = "us-east-1"
CREDENTIALS = botocore.credentials.Credentials("AKIDCONFORMANCE", "secret")
# moto completes a Standard job after 5 seconds.
JOB_TIMEOUT = 30
# Operations on the whole account.
ACCOUNT = {"ListVaults", "SetDataRetrievalPolicy", "PurchaseProvisionedCapacity"}
PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")


class Wrong(Exception):
    """The endpoint gave another answer than the case expects."""


def cases():
    with open(HERE / "cases.toml", "rb") as file:
        book = tomllib.load(file)
    for case in book["case"]:
        steps = [step for name in case.get("given", []) for step in book["given"][name]]
        for step in case["steps"]:
            steps += book["given"][step["use"]] if "use" in step else [step]
        case["steps"] = steps
        case["operations"] = sorted({name for step in steps for name in operations_of(step)})
    return book


# The operations that a case needs -------------------------------------------------------------------------------------


@functools.cache
def paths_of_operations():
    """The method and the path of each operation, from the service model of botocore."""
    model = botocore.loaders.Loader().load_service_model("glacier", "service-2")
    found = []
    for name, operation in model["operations"].items():
        path, _, query = operation["http"]["requestUri"].partition("?")
        pattern = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path))
        found.append((name, operation["http"]["method"], re.compile(pattern), query))
    return found


def operation_of(method, target):
    path, _, query = re.sub(PLACEHOLDER, "x", target).partition("?")
    for name, its_method, pattern, its_query in paths_of_operations():
        if method == its_method and pattern.fullmatch(path) and (not its_query or its_query == query):
            return name
    raise ValueError(f"no operation has the request {method} {target}")


def operations_of(step):
    if "call" in step:
        return ["".join(word.capitalize() for word in step["call"].split("_"))]
    if "wait" in step:
        return ["DescribeJob"]
    return [operation_of(*(step.get("send") or step["pages"]).split(" "))]


# Bytes and placeholders -----------------------------------------------------------------------------------------------


class Scene:
    """The names, saved values and bytes of one case at one endpoint."""

    def __init__(self, book, endpoint, account, number):
        self.book, self.endpoint, self.account = book, endpoint, account
        name = f"case-{number}-{random.randrange(16**8):08x}"
        self.saved = {"v": name, "account": account, "region": REGION}
        self.saved["arn"] = f"arn:aws:glacier:{REGION}:{account}:vaults/{name}"

    def bytes(self, name):
        """The bytes of `name`, or of `name first-last`."""
        name, _, span = name.partition(" ")
        if not name:
            return b""
        content = content_of(name, self.book["data"][name])
        first, last = map(int, span.split("-")) if span else (0, len(content) - 1)
        return content[first : last + 1]

    def fill(self, value, **more):
        """Replaces the placeholders in a text, or in all texts of a structure."""
        if isinstance(value, dict):
            return {self.fill(key, **more): self.fill(inner, **more) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, **more) for inner in value]
        if not isinstance(value, str):
            return value

        def replacement(match):
            name, argument = match.groups()
            if name == "tree_hash":
                return botocore.utils.calculate_tree_hash(io.BytesIO(self.bytes(argument)))
            if name in self.book["texts"]:
                return self.fill(self.book["texts"][name])
            text = str({**self.saved, **more}.get(name, name))
            return text.ljust(int(argument), "x")[: int(argument)] if argument else text

        return PLACEHOLDER.sub(replacement, value)


@functools.cache
def content_of(name, length):
    return random.Random(name).randbytes(length)


# Requests -------------------------------------------------------------------------------------------------------------


class Answer:
    def __init__(self, operation, status, headers, body):
        self.operation, self.status, self.headers, self.body = operation, status, headers, body

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Wrong(f"{self.operation}: expected JSON, got {short(self.body.decode(errors='replace'))}") from None


def send(scene, method, target, headers, body):
    """Sends a signed request, without the checks and retries of an SDK."""
    what = operation_of(method, target)
    headers = {"x-amz-glacier-version": "2012-06-01", **headers}
    headers = {name: value for name, value in headers.items() if value}
    request = botocore.awsrequest.AWSRequest(method, scene.endpoint + target, data=body, headers=headers)
    if "?" in target:
        # The signer reads the query from here, and encodes it.
        pairs = [pair.split("=") for pair in target.partition("?")[2].split("&")]
        request = botocore.awsrequest.AWSRequest(
            method, scene.endpoint + target.partition("?")[0], data=body, headers=headers, params=dict(pairs)
        )
        target = target.partition("?")[0] + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    botocore.auth.SigV4Auth(CREDENTIALS, "glacier", REGION).add_auth(request)
    address = urlsplit(scene.endpoint)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        connection.request(method, target, body=body, headers=dict(request.headers))
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(what, response.status, headers, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise Wrong(f"{what}: no answer ({type(error).__name__})") from None
    finally:
        connection.close()


def look_up(value, path):
    """A member such as `Parts.0.RangeInBytes`; `Parts.#` is the number of parts."""
    for key in path.split("."):
        if key == "#":
            value = len(value) if isinstance(value, (list, dict)) else None
        elif isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def check(what, actual, expected):
    if isinstance(expected, str) and expected.startswith("~"):
        if actual is None or not re.fullmatch(expected[1:], str(actual), re.DOTALL):
            raise Wrong(f"{what}: expected the form {short(expected[1:])}, got {short(actual)}")
    elif actual != expected or type(actual) is not type(expected):
        raise Wrong(f"{what}: expected {short(expected)}, got {short(actual)}")


def short(value):
    text = "nothing" if value is None else json.dumps(value) if not isinstance(value, str) else " ".join(value.split())
    return text if len(text) <= 60 else text[:57] + "..."


def check_bytes(what, actual, expected):
    if actual != expected:
        digest = "other" if len(actual) == len(expected) else f"{len(actual)}"
        raise Wrong(f"{what}: expected the {len(expected)} bytes of the archive, got {digest} bytes")


# Steps ----------------------------------------------------------------------------------------------------------------


def run_step(scene, step):
    for n in range(step.get("repeat", 1)):
        # `given` and `use` leave the texts of a step as they are, so that each repetition can have its own.
        filled = scene.fill({key: value for key, value in step.items() if key != "data"}, n=n)
        filled["data"] = step.get("data")
        kind = next(kind for kind in ("send", "pages", "wait", "call") if kind in step)
        KINDS[kind](scene, filled)


def run_send(scene, step):
    method, target = step["send"].split(" ")
    headers, body = {}, b""
    if step["data"] is not None:
        body = scene.bytes(step["data"])
        headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
        headers["x-amz-sha256-tree-hash"] = scene.fill(f"{{tree_hash:{step['data']}}}")
    if "json" in step:
        body = json.dumps(step["json"]).encode()
    answer = send(scene, method, target, headers | step.get("headers", {}), body)
    check_answer(scene, step, answer)


def check_answer(scene, step, answer):
    expected, what = step["status"], answer.operation
    is_expected = {"success": answer.status < 300, "any": True}.get(expected, answer.status == expected)
    if not is_expected:
        raise Wrong(f"{what}: expected {expected}, got {answer.status}")
    if "code" in step:
        check(f"{what}: code", look_up(answer.json(), "code"), step["code"])
    for name, expected in step.get("header", {}).items():
        check(f"{what}: {name}", answer.headers.get(name), expected)
    for name in step.get("header_absent", []):
        check(f"{what}: {name}", answer.headers.get(name), None)
    for name, other in step.get("header_not", {}).items():
        if answer.headers.get(name) in (None, other):
            raise Wrong(f"{what}: expected another {name}, got {short(answer.headers.get(name))}")
    for path, expected in step.get("json_has", {}).items():
        check(f"{what}: {path}", look_up(answer.json(), path), expected)
    for path in step.get("json_null", []):
        check(f"{what}: {path}", look_up(answer.json(), path), None)
    for path, other in step.get("json_not", {}).items():
        if look_up(answer.json(), path) in (None, other):
            raise Wrong(f"{what}: expected another {path}, got {short(look_up(answer.json(), path))}")
    if "text" in step:
        check(f"{what}: body", answer.body.decode(errors="replace"), step["text"])
    if "bytes" in step:
        check_bytes(f"{what}: body", answer.body, scene.bytes(step["bytes"]))
    for name, header in step.get("save", {}).items():
        check(f"{what}: {header}", answer.headers.get(header), "~.+")
        scene.saved[name] = answer.headers[header]
    for name, path in step.get("save_json", {}).items():
        check(f"{what}: {path}", look_up(answer.json(), path), "~.+")
        scene.saved[name] = look_up(answer.json(), path)


def run_pages(scene, step):
    """Follows the markers of a list to its end."""
    method, target = step["pages"].split(" ")
    values, marker = [], ""
    for _ in range(1000):
        page = send(scene, method, target + marker, {}, b"")
        what = page.operation
        if page.status != 200:
            raise Wrong(f"{what}: expected 200, got {page.status}")
        entries = look_up(page.json(), step["list"]) or []
        if len(entries) > step["at_most"]:
            raise Wrong(f"{what}: expected a page of at most {step['at_most']}, got {len(entries)} entries")
        values += [look_up(entry, step["member"]) for entry in entries]
        if not look_up(page.json(), "Marker"):
            break
        marker = "&marker=" + look_up(page.json(), "Marker")
    if step.get("sorted") and values != sorted(values):
        raise Wrong(f"{what}: expected the entries sorted by {step['member']}")
    own = [value for value in values if str(value).startswith(scene.saved["v"])]
    own = sorted(own) if step.get("any_order") else own
    check(f"{what}: {step['member']} of all pages", own, step["values"])


def run_wait(scene, step):
    """Waits until a job is completed."""
    end = time.monotonic() + JOB_TIMEOUT
    while True:
        answer = send(scene, "GET", step["wait"], {}, b"")
        if answer.status != 200:
            raise Wrong(f"DescribeJob: expected 200, got {answer.status}")
        if look_up(answer.json(), "Completed"):
            return
        if time.monotonic() > end:
            raise Wrong(f"DescribeJob: the job was not completed within {JOB_TIMEOUT} seconds")
        time.sleep(0.25)


def run_call(scene, step):
    """Calls a method of boto3's client."""
    config = botocore.config.Config(retries={"total_max_attempts": 1})
    client = boto3.session.Session().client(
        "glacier",
        region_name=REGION,
        endpoint_url=scene.endpoint,
        aws_access_key_id=CREDENTIALS.access_key,
        aws_secret_access_key=CREDENTIALS.secret_key,
        config=config,
    )
    arguments = dict(step["with"])
    if step["data"] is not None:
        arguments["body"] = scene.bytes(step["data"])
    try:
        result = getattr(client, step["call"])(**arguments)
    except botocore.exceptions.ClientError as error:
        return check(f"boto3 {step['call']}", type(error).__name__, step.get("raises", "no exception"))
    except botocore.exceptions.BotoCoreError as error:
        raise Wrong(f"boto3 {step['call']}: {type(error).__name__}") from None
    if "raises" in step:
        raise Wrong(f"boto3 {step['call']}: expected {step['raises']}, got no exception")
    for path, expected in step["result"].items():
        check(f"boto3 {step['call']}: {path}", look_up(result, path), expected)
    if "bytes" in step:
        check_bytes(f"boto3 {step['call']}: body", result["body"].read(), scene.bytes(step["bytes"]))
    for name, path in step.get("save", {}).items():
        scene.saved[name] = look_up(result, path)


KINDS = {"send": run_send, "pages": run_pages, "wait": run_wait, "call": run_call}


# Runs -----------------------------------------------------------------------------------------------------------------


def account_of(book, endpoint):
    """The account of the endpoint, from the ARN of a vault; that of most emulators if it shows none."""
    scene = Scene(book, endpoint, "000000000000", "account")
    try:
        send(scene, "PUT", scene.fill("/-/vaults/{v}"), {}, b"")
        arn = look_up(send(scene, "GET", scene.fill("/-/vaults/{v}"), {}, b"").json(), "VaultARN")
        send(scene, "DELETE", scene.fill("/-/vaults/{v}"), {}, b"")
        return re.fullmatch(r"arn:[^:]+:glacier:[^:]+:(\d{12}):vaults/.+", str(arn))[1]
    except (Wrong, TypeError):
        return "000000000000"


def run(endpoint, implemented=None):
    """Returns `(case, outcome, reason)` of each case. A case that needs an operation that the endpoint does not claim to
    have is not sent."""
    book = cases()
    account = account_of(book, endpoint)

    def result(number, case):
        lacking = [name for name in case["operations"] if implemented and name not in implemented]
        if lacking:
            return case, "not implemented", ", ".join(lacking)
        scene = Scene(book, endpoint, account, number)
        try:
            for step in case["steps"]:
                run_step(scene, step)
        except Wrong as wrong:
            return case, "failed", str(wrong).replace(scene.saved["v"], "{v}")
        return case, "passed", ""

    # Cases that see the whole account run alone. The others wait for jobs most of the time.
    numbered = list(enumerate(book["case"]))
    shared = [pair for pair in numbered if not ACCOUNT.isdisjoint(pair[1]["operations"])]
    results = {number: result(number, case) for number, case in shared}
    with ThreadPoolExecutor(8) as pool:
        others = [pair for pair in numbered if pair not in shared]
        results.update(zip((number for number, _ in others), pool.map(result, *zip(*others))))
    return [results[number] for number in sorted(results)]


def self_test():
    """Each case must fail at a server that accepts everything or at one that refuses everything, and its source must be
    a section of docs/spec."""
    headings = {}
    for page in ("api.md", "observed.md"):
        text = (HERE.parents[1] / "docs" / "spec" / page).read_text()
        headings[page] = set(re.findall(r"^#{2,3} (\w+(?:\.\w+)?)\.? ", text, re.MULTILINE))
    for case in cases()["case"]:
        page, section = case["source"].split(" ")
        assert section.rstrip(".") in headings[page], f"{case['name']}: {page} has no section {section}"
    names = [case["name"] for case in cases()["case"]]
    assert len(names) == len(set(names)), "two cases have the same name"
    refusal = json.dumps({"code": "InvalidParameterValueException", "message": "no", "type": "Client"}).encode()
    outcomes = [run_against_constant(status, body) for status, body in ((200, b"{}"), (400, refusal))]
    for accepting, refusing in zip(*outcomes):
        assert "failed" in (accepting[1], refusing[1]), f"{accepting[0]['name']}: this case cannot fail"
    print(f"{len(names)} cases, and each of them can fail")


def run_against_constant(status, body):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        results = run(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("endpoint", nargs="?")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--self-test", action="store_true", help="show that each case can fail")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if not options.endpoint:
        parser.error("the endpoint is missing")
    results = run(options.endpoint.rstrip("/"))
    if options.json:
        json.dump([[case["group"], case["name"], outcome, reason] for case, outcome, reason in results], sys.stdout)
        return 0
    for case, outcome, reason in results:
        print(f"{outcome:7} {case['group']}: {case['name']}" + (f"\n        {reason}" if reason else ""))
    failed = sum(outcome != "passed" for _, outcome, _ in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
