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
    change: a dict with endUserId, conversationId or endUserIds (a list), or several of them;
        event (a dict) has content for those who have the conversation open: see docs/realtime.md
    Raises PublishError, or OSError if Heddle can't be reached.
    """
    if api_key.split() != [api_key]:
        raise PublishError("The API key holds white space, such as the newline at a file's end.")
    request = urllib.request.Request(
        f"{url.rstrip('/')}/functions/v1/realtime-publish",
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
            # Where the function did not run, the platform answers in its own way.
            reason = answer["error"] if isinstance(answer.get("error"), dict) else answer
            reasons = [reason.get("message", "no reason given")]
            reasons += [f"{issue['path']}: {issue['message']}" for issue in reason.get("issues", [])]
            raise PublishError(
                f"Heddle answered {response.status} {reason.get('code', '')}: {'; '.join(reasons)}"
            )
        seconds = response.headers.get("retry-after", "")
        time.sleep(min(int(seconds) if seconds.isdigit() else 1, LONGEST_WAIT))


def _json(body):
    try:
        answer = json.loads(body)
    except ValueError:
        return {}  # a proxy may answer HTML
    return answer if isinstance(answer, dict) else {}
