import json
import os
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from webhook import NotHeddle, verified_call

threads = {}  # messages by visitor and clientId; your own tables stand here


def answer_of(call):
    """Status and answer. Each visitor has one conversation, whose id is the visitor's."""
    visitor, action = call["endUser"]["id"], call["action"]
    item = {"id": visitor, "title": "Your messages"}
    thread = threads.setdefault(visitor, {})
    if action == "get_items":
        return 200, {"items": [item]}
    if call.get("itemId", visitor) != visitor:
        return 404, {"message": "There is no such conversation."}
    if action == "item_clicked":
        return 200, {"item": item, "entries": list(thread.values())}
    if action != "create_item":
        return 400, {"message": f"There is no {action} here."}

    entry = {
        "id": call["clientId"],
        "clientId": call["clientId"],
        "author": {"role": "visitor"},
        "body": call["body"],
        "createdAt": datetime.now(timezone.utc).isoformat(),
    }
    # Sent again, it is the one that is there.
    return 200, {"item": item, "entry": thread.setdefault(call["clientId"], entry)}


class Webhook(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        agent = os.environ["HEDDLE_AGENT_ID"], os.environ["HEDDLE_WEBHOOK_SECRET"]
        try:
            self.answer(*answer_of(verified_call(self.command, self.headers, body, *agent)))
        except NotHeddle as problem:
            self.answer(401, {"message": str(problem)})
        except (json.JSONDecodeError, UnicodeDecodeError):
            self.answer(400, {"message": "The body must be JSON."})

    do_POST = do_GET

    def answer(self, status, value):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Webhook).serve_forever()
