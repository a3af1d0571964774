#!/bin/sh
# Sends a text by Ringside, waits until it has arrived, and prints why. It needs curl.
#   RINGSIDE_URL=https://YOUR-WORKER RINGSIDE_KEY=rk_… sh send.sh VOTERS +15550100123 "Your ballot was received."
set -eu

api() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $RINGSIDE_KEY" "$@"; }
# The first value of that name; a larger program uses a JSON parser.
value() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# The same key for each try: whatever is lost on the way, one text is sent.
message=$(api --retry 5 --header "Content-Type: application/json" --header "Idempotency-Key: $(date +%s)-$$" \
  --data "{\"hotline\":\"$1\",\"to\":\"$2\",\"class\":\"service\",\"body\":\"$3\"}" "$RINGSIDE_URL/v1/messages")
id=$(echo "$message" | value id)
while true; do
  status=$(echo "$message" | value status)
  case $status in delivered | read | failed | refused | expired | canceled | unknown) break ;; esac
  sleep 1
  message=$(api "$RINGSIDE_URL/v1/messages/$id")
done
echo "$status"
if [ -n "$id" ]; then api "$RINGSIDE_URL/v1/messages/$id/why"; fi
