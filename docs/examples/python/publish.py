import json
import time
import urllib.error
import urllib.request

ATTEMPTS = 3
TIMEOUT = 10  # seconds
LONGEST_WAIT = 30  # seconds


class PublishError(Exception):
    """Heddle's reason for not taking a publish."""


def publish(url, api_key, change):
    """Makes the open widgets of a visitor fetch again.

    url: "https://<project>.supabase.co"; api_key: "hdl_…"
    change: a dict with endUserId, conversationId or endUserIds (a list), or several of them
    Raises PublishError, or OSError if Heddle can't be reached.
    """
    request = urllib.request.Request(
        f"{url}/functions/v1/realtime-publish",
        data=json.dumps(change).encode(),
        headers={"x-api-key": api_key, "content-type": "application/json"},
    )
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response = urllib.request.urlopen(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:  # a status of 400 or more: an answer, too
            response = error
        with response:
            answer = _json(response.read())
        if response.status == 200 and answer.get("ok"):
            return

        if response.status not in (429, 503) or attempt == ATTEMPTS:
            reason = answer.get("error", {})
            raise PublishError(
                f"Heddle answered {response.status} {reason.get('code', '')}: "
                f"{reason.get('message', 'no reason given')}"
            )
        seconds = response.headers.get("retry-after", "")
        time.sleep(min(int(seconds) if seconds.isdigit() else 1, LONGEST_WAIT))


def _json(body):
    try:
        return json.loads(body)
    except ValueError:
        return {}  # a proxy may answer HTML
