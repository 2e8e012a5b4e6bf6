# Starts glacier-mock and controls it with curl, for bash 4.4 or later. Copy this file next to your script and `source` it.
# shellcheck shell=bash

# Starts the program on a free port, from GLACIER_MOCK_BIN or the PATH, and stops it when the script ends.
start_glacier_mock() {
  local output
  exec {output}< <(exec "${GLACIER_MOCK_BIN:-glacier-mock}" --port 0 --log off "$@")
  glacier_mock_pid=$!
  trap 'kill "$glacier_mock_pid"' EXIT
  # "glacier-mock listening on http://127.0.0.1:41234", as soon as it accepts connections.
  read -r -u "$output" _ _ _ AWS_ENDPOINT_URL
  export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1
}

# Sends a request to the control API, and prints the answer. If it is refused, for example because a verification
# failed, prints the message and fails.
control() { # METHOD PATH [JSON]
  local answer
  answer=$(curl --silent --noproxy '*' --fail-with-body --request "$1" --header 'Content-Type: application/json' \
    ${3:+--data "$3"} "$AWS_ENDPOINT_URL/_glacier-mock/v1$2") && echo "$answer" && return
  python3 -c 'import json, sys; sys.exit(json.loads(sys.argv[1])["error"]["message"])' "$answer"
}
