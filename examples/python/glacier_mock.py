"""Starts glacier-mock and controls it over HTTP. Copy this file into your tests; it needs only the standard library."""

import json
import os
import subprocess
import urllib.error
import urllib.request


class GlacierMock:
    """A glacier-mock program on a free port, from GLACIER_MOCK_BIN or the PATH."""

    def __init__(self, *options):
        program = os.environ.get("GLACIER_MOCK_BIN", "glacier-mock")
        command = [program, "--port", "0", "--log", "off", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # "glacier-mock listening on http://127.0.0.1:41234", as soon as it accepts connections.
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command} ended with status {self.process.wait()}")
        self.endpoint = line.split()[-1]

    def control(self, method, path, body=None):
        """Sends a request to the control API. Returns JSON as an object, and other answers as text.

        An error, such as a failed verification, raises AssertionError.
        """
        data = None if method == "GET" else json.dumps(body or {}).encode()
        url = f"{self.endpoint}/_glacier-mock/v1{path}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                answer = response.read()
                is_json = response.headers.get_content_type() == "application/json"
                return json.loads(answer) if is_json else answer.decode() or None
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["error"]["message"]) from None

    def stop(self):
        self.process.terminate()
        self.process.wait()
