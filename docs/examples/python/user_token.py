import base64
import hashlib
import hmac
import json
import time


def create_user_token(user, signing_secret):
    """A token for the signed-in user. Only on the server: whoever has the secret can pose as anybody.

    user: a dict with id, and name and email if there are any
    """
    now = int(time.time())
    claims = {"sub": user["id"], "iat": now, "exp": now + 600}
    for optional in ("name", "email"):
        if user.get(optional):
            claims[optional] = user[optional]
    content = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    signature = hmac.new(signing_secret.encode(), content.encode(), hashlib.sha256).digest()
    return f"{content}.{_base64url(signature)}"


def _encode(part):
    return _base64url(json.dumps(part).encode())


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
