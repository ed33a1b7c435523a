import base64
import hashlib
import hmac
import time

MAX_AGE = 5 * 60  # seconds


def signature_problem(method, target, headers, body, secret):
    """Why a request can't be trusted to come from Heddle; None if it can.

    target: path and query exactly as they were requested
    headers: a mapping that does not care about upper and lower case
    body: the raw bytes, before any parser; empty for GET
    secret: "whsec_…"
    """
    if not secret.startswith("whsec_") or secret == "whsec_":
        raise ValueError("the webhook secret begins with whsec_")
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp")
    signatures = headers.get("webhook-signature")
    if not message_id or not timestamp or not signatures:
        return "a webhook-* header is missing"

    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > MAX_AGE:
        return "webhook-timestamp is more than five minutes off"

    key = base64.b64decode(secret[len("whsec_"):])
    content = f"{message_id}.{timestamp}.{method} {target}\n".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    # While a secret is being rotated there are two signatures, separated by a space. One has to match.
    matches = [hmac.compare_digest(given.encode(), expected) for given in signatures.split(" ")]
    return None if any(matches) else "no webhook-signature matches"
