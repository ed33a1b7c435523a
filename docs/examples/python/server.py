import json
import os
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from webhook import signature_problem

threads = {}  # messages by visitor and clientId; your own tables stand here


def answer_of(query, body):
    """Status and answer. Each visitor has one conversation, whose id is the visitor's."""
    visitor, action = query["endUserId"], query["action"]
    item = {"id": visitor, "title": f"Hello {visitor}"}
    thread = threads.setdefault(visitor, {})
    if action == "get_items":
        return 200, {"items": [item]}
    if query.get("itemId", visitor) != visitor:
        return 404, {"message": "There is no such conversation."}
    if action == "item_clicked":
        return 200, {"item": item, "entries": list(thread.values())}
    if action != "create_item":
        return 400, {"message": f"There is no {action} here."}

    written = json.loads(body)
    entry = {
        "id": written["clientId"],
        "clientId": written["clientId"],
        "author": {"role": "visitor"},
        "body": written["body"],
        "createdAt": datetime.now(timezone.utc).isoformat(),
    }
    # Sent again, it is the one that is there.
    return 200, {"item": item, "entry": thread.setdefault(written["clientId"], entry)}


class Webhook(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        problem = signature_problem(
            self.command, self.path, self.headers, body, os.environ["HEDDLE_WEBHOOK_SECRET"]
        )
        if problem:
            self.answer(401, {"message": problem})
        else:
            query = parse_qs(urlsplit(self.path).query)
            self.answer(*answer_of({name: values[0] for name, values in query.items()}, body))

    do_POST = do_GET

    def answer(self, status, value):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Webhook).serve_forever()
