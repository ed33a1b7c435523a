import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from webhook import signature_problem


class Webhook(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        problem = signature_problem(
            self.command, self.path, self.headers, body, os.environ["HEDDLE_WEBHOOK_SECRET"]
        )
        query = parse_qs(urlsplit(self.path).query)
        if problem:
            self.answer(401, {"message": problem})
        else:
            self.answer(200, items_of(query["endUserId"][0]))

    do_POST = do_GET

    def answer(self, status, value):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())


def items_of(end_user_id):
    """Your own tables stand here."""
    return [{"id": "1042", "title": f"Hello {end_user_id}"}]


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Webhook).serve_forever()
