"""Makes inputs for each fuzz target from recorded requests: split.py FOLDER_OF_REQUESTS FOLDER_OF_INPUTS.

The inputs are as the targets in src/fuzzing expect them. IDs become the words that the targets replace by the IDs of their
mocks. Inputs of more than 4 KB are left out, except policies.
"""

import hashlib
import hmac
import json
import pathlib
import random
import re
import sys

LONGEST = 4096
WORDS = [  # the word, the length of the ID, and where the ID is
    ("ARCHIVE_ID", 138, rb"(?<![\w-])[A-Za-z0-9_-]{138}(?![\w-])"),
    ("UPLOAD_ID", 92, rb"(?<=uploads/)[A-Za-z0-9_-]{92}(?![\w-])"),
    ("JOB_ID", 92, rb"(?<=jobs/)[A-Za-z0-9_-]{92}(?![\w-])"),
]
DATE = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|\d{8}T\d{6}Z")
SECRET, SCOPE = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20120525/us-east-1/glacier/aws4_request"

source, target = map(pathlib.Path, sys.argv[1:])
inputs = {}
chance = random.Random(1)


def add(kind, content):
    if 0 < len(content) <= (24576 if kind == "policies" else LONGEST):
        inputs.setdefault(kind, set()).add(bytes(content))


def with_words(text):
    for word, _, pattern in WORDS:
        text = re.sub(pattern, word.encode(), text)
    return text


def policies_in(value):
    """Yields the texts in a JSON value that are JSON objects themselves."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from policies_in(part)


def add_request(head, body):
    first, *lines = head.split(b"\r\n")
    method, path = first.split(b" ")[:2]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    for date in DATE.findall(head + b" " + body):
        add("dates", date)
    for name in (b"range", b"content-range"):
        if name in headers:
            add("ranges", headers[name])
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    for policy in policies_in(parsed):
        add("policies", policy.encode())
        value = chance.choice(["10.0.0.1", "5", "2026-01-01T00:00:00Z", "true", "a", "arn:aws:iam::222222222222:role/R"])
        add("policies", policy.encode() + b"\x1e" + value.encode())
    if path.startswith(b"/_glacier-mock/v1/"):
        add("control_api", with_words(method + b" " + path.removeprefix(b"/_glacier-mock/v1/") + b"\n" + body))
        return
    if path.startswith(b"/_glacier-mock"):
        return
    place, _, query = path.partition(b"?")
    if query and b"operation" not in query:
        add("markers", query)
    if method == b"POST" and place.endswith(b"/jobs"):
        add("parameters", with_words(body))
        if isinstance(parsed, dict) and isinstance(parsed.get("RetrievalByteRange"), str):
            add("ranges", parsed["RetrievalByteRange"].encode())
    # Only what the server reads stays in the head, in the order in which it came.
    read = (b"host", b"content-length", b"transfer-encoding", b"authorization", b"range", b"content-range", b"expect")
    kept = [line for line in lines if line.split(b":")[0].lower().startswith((*read, b"x-amz-")) and b"user-agent" not in line]
    new = with_words(body)
    for number, line in enumerate(kept):
        if line.lower().startswith(b"content-length") and int(headers[b"content-length"]) == len(body):
            length = len(new) + sum((length - len(word)) * new.count(word.encode()) for word, length, _ in WORDS)
            kept[number] = b"Content-Length: %d" % length
    request = b"\r\n".join([with_words(first), *kept, b"", new])
    add("requests", request)
    return request, kept, new


def chunked(request, kept, body):
    cut = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (body[:cut], body[cut:]) if chunk)
    lines = [line for line in kept if not line.lower().startswith(b"content-length")]
    first = request.split(b"\r\n", 1)[0]
    return b"\r\n".join([first, *lines, b"Transfer-Encoding: chunked", b"", chunks + b"0\r\n\r\n"])


def signed():
    """The request in src/fuzzing/signatures.rs."""
    headers = {
        "host": "glacier.us-east-1.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-archive-description": "a cat",
        "x-amz-date": "20120525T002453Z",
        "x-amz-glacier-version": "2012-06-01",
    }
    body, names = '{"Type":"inventory-retrieval"}', ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    digest = hashlib.sha256(body.encode()).hexdigest()
    canonical = f"POST\n/-/vaults/v/jobs\nlimit=10&marker=abc\n{lines}\n{names}\n{digest}"
    to_sign = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{SCOPE}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for part in [*SCOPE.split("/"), to_sign]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/{SCOPE}, SignedHeaders={names}, Signature={key.hex()}"
    )
    text = "POST /-/vaults/v/jobs?limit=10&marker=abc\n"
    text += "".join(f"{name}: {value}\n" for name, value in headers.items())
    return text.encode(), authorization.encode(), body.encode()


head, authorization, body = signed()
add("signatures", head + b"authorization: " + authorization + b"\n\n" + body)
whole = []
for file in sorted(source.iterdir()):
    head, end, body = file.read_bytes().partition(b"\r\n\r\n")
    if not end or len(body) > LONGEST:
        continue
    if request := add_request(head, body):
        whole.append(request)
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"authorization:"):
            example = signed()
            add("signatures", example[0] + line + b"\n\n" + example[2])
small = [request for request in whole if len(request[0]) < 600]
for _ in range(300):
    first, second = chance.choice(small), chance.choice(small)
    add("requests", first[0] + second[0])
    add("requests", chunked(*first) + second[0])
for kind, contents in inputs.items():
    folder = target / kind
    folder.mkdir(parents=True, exist_ok=True)
    for content in contents:
        (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)
    print(kind, len(contents), sum(map(len, contents)))
