#!/usr/bin/env python3
# A web service that misbehaves as its arguments say; what the tests of sink.http send rows to. It prints its port, and
# writes every request that it took to the log: the key, and the ids of its rows, on one line.
#   --log FILE          where
#   --once STATUS:COUNT the first COUNT requests are answered with STATUS
#   --retry-after N     is said with them
#   --always STATUS     every request is answered with it
#   --refuse ID,ID      requests with such a row are answered with 422, and with the id
#   --heed-keys         a key that was seen before is answered and not logged again
#   --drop N            the answer of every Nth request is not sent: the connection ends, and the request counts
#   --tls CERT KEY      over TLS
import argparse, csv, http.server, io, json, os, ssl, sys, threading

arguments = argparse.ArgumentParser()
arguments.add_argument("--log", required=True)
arguments.add_argument("--once", default="0:0")
arguments.add_argument("--retry-after")
arguments.add_argument("--always", type=int, default=0)
arguments.add_argument("--refuse", default="")
arguments.add_argument("--heed-keys", action="store_true")
arguments.add_argument("--drop", type=int, default=0)
arguments.add_argument("--tls", nargs=2)
arguments.add_argument("--port", type=int, default=0)
asked = arguments.parse_args()
status, left = (int(part) for part in asked.once.split(":"))
refused = {part for part in asked.refuse.split(",") if part}
log = open(asked.log, "a", buffering=1)
lock = threading.Lock()
seen = set()
count = 0


def ids(body, kind):
    if "csv" in kind:
        return [row["id"] for row in csv.DictReader(io.StringIO(body))]
    rows = json.loads(body) if kind == "application/json" else [json.loads(line) for line in body.splitlines()]
    return [str(row["id"]) for row in rows]


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, code, text, headers=()):
        body = text.encode()
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.answer(asked.always or 405, "")

    def do_POST(self):
        global left, count
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with lock:
            count += 1
            if asked.always:
                headers = [("Location", "http://elsewhere/")] if 300 <= asked.always < 400 else []
                return self.answer(asked.always, "always so", headers)
            if left > 0:
                left -= 1
                return self.answer(status, "not now", [("Retry-After", asked.retry_after)] if asked.retry_after else [])
            rows = ids(body, self.headers["Content-Type"])
            bad = [row for row in rows if row in refused]
            if bad:
                return self.answer(422, f"row {bad[0]} is not wanted")
            key = self.headers["Idempotency-Key"]
            if not (asked.heed_keys and key in seen):
                log.write(key + "\t" + " ".join(rows) + "\t" + (self.headers["Authorization"] or "") + "\n")
                seen.add(key)
            if asked.drop and count % asked.drop == 0:
                self.close_connection = True
                self.connection.close()
                return
        self.answer(200, "ok")

    do_PUT = do_POST

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", asked.port), Peer)
if asked.tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*asked.tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
