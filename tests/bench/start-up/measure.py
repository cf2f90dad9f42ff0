#!/usr/bin/env python3
"""Measures what a cold start costs until the first form post is answered.

    measure.py [--starts 30] [--bundle FOLDER] NAME=COMMAND ...

Each handler is started anew again and again, in turn with the others, under a Lambda Runtime API of this script's
own. It is handed one form post, stores it in a stand-in for DynamoDB over TLS, and answers. Then it is ended, and the
kernel tells what it used. The table compares medians; the last line gives how many times the first handler's cost the others have.

Needs only Python and the `openssl` command.
"""

import argparse
import json
import os
import re
import shlex
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
ANSWER_WITHIN = 20  # seconds


class Quiet(BaseHTTPRequestHandler):
    """HTTP/1.1 that keeps connections and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return whole

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class DynamoDb(Quiet):
    """Takes every write, and notes which operations were asked for."""

    operations = []

    def do_POST(self):
        self.body()
        DynamoDb.operations.append(self.headers.get("x-amz-target", "?").split(".")[-1])
        self.answer(200, b"{}", content_type="application/x-amz-json-1.0")


class RuntimeApi(Quiet):
    """Hands out the server's event once, and keeps the answer. Each start has a server of its own, so that a request
    that an ended process left behind takes nothing from the next."""

    def do_GET(self):
        if self.server.handed_out:
            return threading.Event().wait()  # as Lambda does between events; the process is ended meanwhile
        self.server.handed_out = True
        self.answer(
            200,
            self.server.event,
            content_type="application/json",
            lambda_runtime_aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            lambda_runtime_deadline_ms=str(int(time.time() * 1000) + 10_000),
            lambda_runtime_invoked_function_arn="arn:aws:lambda:eu-west-3:123456789012:function:submit-form",
            lambda_runtime_trace_id="Root=1-6920f0a1-3c5d7e9f1a2b3c4d5e6f7a8b;Sampled=0",
        )

    def do_POST(self):
        self.server.reply = (self.path.rsplit("/", 1)[-1], self.body())
        self.server.replied.set()
        self.answer(202)


def serve(handler, event=b"", context=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # ended processes break their connections
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.event, server.handed_out, server.reply, server.replied = event, False, None, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def make_certificates(folder):
    """A throw-away authority and a certificate for localhost, of RSA as AWS's own are."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    extensions = ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth", "basicConstraints=CA:FALSE"]
    (folder / "leaf.ext").write_text("\n".join(extensions))
    new_key = ["-newkey", "rsa:2048", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Throw-away CA",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *new_key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "leaf.ext", "-out", "leaf.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    context.set_alpn_protocols(["http/1.1"])
    # Whoever reads a bundle of roots reads one of the usual size.
    roots = SYSTEM_ROOTS.read_text() if SYSTEM_ROOTS.exists() else ""
    (folder / "roots.pem").write_text(roots + (folder / "ca.pem").read_text())
    return context, roots.count("BEGIN CERTIFICATE")


def environment(folder, dynamodb_port, bundle):
    return {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_FUNCTION_NAME": "submit-form",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "submit-form",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "AWS_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_SESSION_TOKEN": "not-a-token",
        "AWS_ENDPOINT_URL_DYNAMODB": f"https://localhost:{dynamodb_port}",
        "SSL_CERT_FILE": str(folder / "roots.pem"),  # rustls
        "NODE_EXTRA_CA_CERTS": str(folder / "ca.pem"),  # Node has its own roots built in
        "SILLON_TABLE": "leads",
        "SILLON_BUNDLE": str(bundle),
        "SILLON_PUBLIC_URL": "https://hello.atelier-soleil.example",
        "SILLON_LEAD_KEY": "0123456789abcdef0123456789abcdef",
        "SILLON_TOKEN_KEYS": "k1:0123456789abcdef0123456789abcdef",
        "SILLON_DUE_SHARDS": "4",
    }


def alive(process):
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def start_cold(name, command, variables, event, log):
    """One start: CPU ms, ms to the answer, peak memory in MB, and what the handler asked of DynamoDB."""
    DynamoDb.operations.clear()
    log.seek(0)
    log.truncate()
    runtime = serve(RuntimeApi, event)
    variables = variables | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_address[1]}"}
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    while not runtime.replied.wait(0.5) and alive(process) and time.perf_counter() - begun < ANSWER_WITHIN:
        pass
    wall = (time.perf_counter() - begun) * 1000
    # Not the peak that rusage tells: that one counts this script's memory, from before the exec.
    memory = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
    os.kill(process.pid, signal.SIGKILL)  # Popen's own would reap it, and with it what it used
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = -signal.SIGKILL
    runtime.shutdown()
    runtime.server_close()

    kind, body = runtime.reply or ("nothing", b"")
    status = json.loads(body).get("statusCode") if kind == "response" else None
    if status != 303:
        log.seek(0)
        sys.exit(f"{name}: expected an answer with status 303, got {kind}: {body.decode()}\n{log.read()}")
    cpu = (used.ru_utime + used.ru_stime) * 1000
    return cpu, wall, int(memory[1]) / 1024, " ".join(DynamoDb.operations)


def table(results):
    first = next(iter(results))
    rows = [("handler", "CPU, ms", "answer, ms", "answer p90, ms", "memory, MB", "DynamoDB requests")]
    medians = {}
    for name, starts in results.items():
        cpu, wall, memory, _ = (list(column) for column in zip(*starts))
        medians[name] = [statistics.median(column) for column in (cpu, wall, memory)]
        p90 = sorted(wall)[int(len(wall) * 0.9)]
        operations = " / ".join(sorted({start[3] or "none" for start in starts}))
        rows.append((name, *(f"{value:.1f}" for value in (*medians[name][:2], p90, medians[name][2])), operations))
    for name in list(results)[1:]:
        ratios = [other / own for own, other in zip(medians[first], medians[name])]
        rows.append((f"{name} / {first}", f"{ratios[0]:.1f}", f"{ratios[1]:.1f}", "", f"{ratios[2]:.1f}", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("handlers", nargs="+", metavar="NAME=COMMAND", help="a handler and how it is started")
    parser.add_argument("--starts", type=int, default=30, help="how often each is started (default 30)")
    parser.add_argument("--bundle", default="target/bundle/sillon", help="the folder that holds bundle.json")
    parser.add_argument("--event", default=HERE / "form-post.json", help="the event each is handed")
    options = parser.parse_args()
    if any("=" not in handler for handler in options.handlers):
        parser.error("a handler is NAME=COMMAND, such as node='node handler.cjs'")
    handlers = {name: shlex.split(command) for name, command in (each.split("=", 1) for each in options.handlers)}

    # As Lambda hands it out, without blanks.
    event = json.dumps(json.loads(Path(options.event).read_text()), separators=(",", ":")).encode()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as log:
        folder = Path(folder)
        context, roots = make_certificates(folder)
        dynamodb = serve(DynamoDb, context=context)
        variables = environment(folder, dynamodb.server_address[1], Path(options.bundle).resolve())
        results = {name: [] for name in handlers}
        for turn in range(options.starts + 2):
            for name, command in handlers.items():
                start = start_cold(name, command, variables, event, log)
                if turn >= 2:  # the first two bring the files into memory
                    results[name].append(start)
    print(f"Medians of {options.starts} cold starts each, over TLS, {os.cpu_count()} processors, {roots} roots.\n")
    print(table(results))


if __name__ == "__main__":
    main()
