import base64
import hashlib
import hmac
import json
import time

READS = ("get_items", "item_clicked")
MAX_AGE = 5 * 60  # seconds
CLOCK_TOLERANCE = 60  # seconds


class NotHeddle(Exception):
    """Why a request can't be trusted to come from Heddle."""


def verified_call(method, headers, body, agent_id, secret):
    """What Heddle asks for: a dict with action, tabId, endUser, and itemId and the rest where there is one.

    headers: a mapping that does not care about upper and lower case
    body: the raw bytes, before any parser
    Raises NotHeddle, and json.JSONDecodeError or UnicodeDecodeError for a body that can't be read.
    """
    if not secret.startswith("whsec_") or secret == "whsec_":
        raise ValueError("the webhook secret begins with whsec_")
    if method == "POST":
        _verify_signature(headers, body, secret)
        return json.loads(body)
    # The second one is there while the secret is rotated, and signed with the old one.
    tokens = [headers.get("x-heddle-identity"), headers.get("x-heddle-identity-previous")]
    call = next((claims for token in tokens if token for claims in _claims(token, secret)), None)
    if call is None:
        raise NotHeddle("no x-heddle-identity is signed with the webhook secret")
    if call["iss"] != "heddle" or call["aud"] != agent_id:
        raise NotHeddle("x-heddle-identity is another agent's")
    if call["exp"] + CLOCK_TOLERANCE < time.time():
        raise NotHeddle("x-heddle-identity has expired")
    if call["action"] not in READS:
        raise NotHeddle("x-heddle-identity is that of a write")
    return {**call, "endUser": {"id": call["sub"], "email": call.get("email"), "name": call.get("name")}}


def _claims(token, secret):
    """The claims, in a list, if HS256 with the secret's text as it is signs them; whatever the token's header says."""
    content, _, given = token.rpartition(".")
    expected = hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(given.encode(), base64.urlsafe_b64encode(expected).rstrip(b"=")):
        return []
    return [json.loads(base64.urlsafe_b64decode(content.split(".")[1] + "=="))]


def _verify_signature(headers, body, secret):
    """Standard Webhooks: the key is what follows whsec_, base64-decoded."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    content = f"{message_id}.{timestamp}.".encode() + body
    key = base64.b64decode(secret[len("whsec_"):])
    expected = b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    # While the secret is rotated there are two signatures, separated by a space. One has to match.
    signatures = headers.get("webhook-signature", "").split(" ")
    if not any([hmac.compare_digest(given.encode(), expected) for given in signatures]):
        raise NotHeddle("no webhook-signature matches")
    if abs(time.time() - int(timestamp)) > MAX_AGE:
        raise NotHeddle("webhook-timestamp is more than five minutes off")
