# Sends a text by Ringside, waits until it has arrived, and prints why. It needs Python 3.8 or newer, and no package.
#   RINGSIDE_URL=https://YOUR-WORKER RINGSIDE_KEY=rk_… python3 send.py VOTERS +15550100123 "Your ballot was received."
import json, os, sys, time, urllib.error, urllib.request, uuid

ENDS = ["delivered", "read", "failed", "refused", "expired", "canceled", "unknown"]


def api(path, data=None, **headers):
    headers = {"Authorization": "Bearer " + os.environ["RINGSIDE_KEY"], "Content-Type": "application/json", **headers}
    request = urllib.request.Request(os.environ["RINGSIDE_URL"] + "/v1" + path, data and json.dumps(data).encode(), headers)
    try:
        return json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(problem["code"] + ": " + problem["detail"])


hotline, to, body = sys.argv[1:]
# Send it again with the same key if the answer is lost: one text is sent.
key = {"Idempotency-Key": str(uuid.uuid4())}
message = api("/messages", {"hotline": hotline, "to": to, "class": "service", "body": body}, **key)
while message["status"] not in ENDS:
    time.sleep(1)
    message = api("/messages/" + message["id"])
print(message["status"], message["decision"]["detail"])
why = api("/messages/" + message["id"] + "/why")["data"] if message["id"] else []
for step in why:
    print(step["at"], step["outcome"], step["detail"])
