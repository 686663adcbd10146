"""The OpenID Foundation's suite for certification, as it was until 2020, against a server of its own behind https.

Prints each test and `N passed, N failed` last. `docs/certification.md` tells what this shows and what it does not.
"""

import http.server
import queue
import sys
import tempfile
import threading
import traceback
from urllib.parse import urlsplit

import requests

from oidf.plans import PLANS
from oidf.suite import Provider, Run
from server import Server
from tls import Front, certificate

PERSON = {"email": "budi@example.com", "password": "a password only for tests"}
BACK, BYE = "https://127.0.0.1/authz_cb", "https://127.0.0.1/logout"
CATALOG = """
[[applications]]
slug = "suite"
name = "The suite"
plan_selection = "never"

[[applications.clients]]
name = "The suite"
client_id = "suite"
client_secret = "{SECRET}"
redirect_uris = ["{BACK}"]
post_logout_redirect_uris = ["{BYE}"]
require_pkce = false
skip_consent = true

# The suite expects to be told of a sign-out where that is what it tests, and nowhere else.
[[applications.clients]]
name = "The suite, told"
client_id = "told"
client_secret = "{SECRET}"
redirect_uris = ["{BACK}"]
post_logout_redirect_uris = ["{BYE}"]
backchannel_logout_uri = "{logouts}"
require_pkce = false
skip_consent = true

[[users]]
email = "{email}"
password = "{password}"
name = "Budi Santoso"
email_verified = true
locale = "en"
applications = ["suite"]

[users.profile]
given_name = "Budi"
family_name = "Santoso"
middle_name = "Agus"
nickname = "Bud"
preferred_username = "budi"
profile = "https://people.example/budi"
picture = "https://people.example/budi.png"
website = "https://budi.example/"
gender = "male"
birthdate = "1990-12-31"
zoneinfo = "Asia/Jakarta"
phone_number = "+6281234567890"
phone_number_verified = true
address = {{ street_address = "Jalan Braga 1", locality = "Bandung", postal_code = "40111", country = "Indonesia" }}
"""
SECRET = "suite-secret-of-32-characters-or-more"
ADDRESSES = {"redirect_uris": [BACK], "post_logout_redirect_uris": [BYE]}


class Known:
    """The suite as an admin has entered it."""

    name, plans = "known", list(PLANS)

    def client(self, is_told):
        identity = {"client_id": "told" if is_told else "suite", "client_secret": SECRET}
        return {**identity, **ADDRESSES, "token_endpoint_auth_method": "client_secret_basic"}


class Registered:
    """The suite as it registers itself, anew for each test, with a token that an admin has given it."""

    name, plans = "registered", ["Basic OP", "RP-Initiated Logout OP", "Back-Channel Logout OP"]

    def __init__(self, server, certificate, endpoint, logouts):
        [application] = server.admin("GET", "/applications")["applications"]
        token = {"name": "The suite", "days": 1, "requirePkce": False}
        made = server.admin("POST", f"/applications/{application['id']}/registration-tokens", token)
        self.token, self.certificate, self.endpoint, self.logouts = made["token"], certificate, endpoint, logouts

    def client(self, is_told):
        told = {"backchannel_logout_uri": self.logouts, "backchannel_logout_session_required": True} if is_told else {}
        grants = ["authorization_code", "refresh_token"]
        wanted = {**ADDRESSES, **told, "grant_types": grants, "response_types": ["code"], "client_name": "The suite"}
        headers = {"authorization": f"Bearer {self.token}"}
        answer = requests.post(self.endpoint, json=wanted, headers=headers, verify=self.certificate, timeout=60)
        assert answer.status_code == 201, answer.text
        registered = answer.json()
        assert all(registered[name] == value for name, value in wanted.items()), registered
        return registered


class Logouts(http.server.BaseHTTPRequestHandler):
    """Where the provider tells the client of sign-outs."""

    heard = queue.Queue()

    def do_POST(self):
        self.heard.put(self.rfile.read(int(self.headers["content-length"])).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass


def listen():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Logouts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/backchannel_logout"


def play(provider, way):
    passed = failed = 0
    wanted = sys.argv[1:]
    for plan in way.plans:
        for name, test in PLANS[plan].items():
            title = f"{plan}, {way.name}: {name}"
            if wanted and not any(part in title for part in wanted):
                continue
            try:
                wrong = Run(name, test, provider, way.client(is_told=plan == "Back-Channel Logout OP")).play()
            except Exception:
                wrong = traceback.format_exc(limit=-3, chain=False)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f"not ok {title}\n{wrong}" if wrong else f"ok {title}", flush=True)
    return passed, failed


def main():
    with tempfile.TemporaryDirectory() as directory:
        pem = certificate(directory)
        front = Front(pem)
        logouts = listen()
        catalog = CATALOG.format(SECRET=SECRET, BACK=BACK, BYE=BYE, logouts=logouts, **PERSON)
        server = Server(directory, catalog, front.url, LIMITS__ENABLED="false")
        try:
            front.serve((urlsplit(server.url).hostname, urlsplit(server.url).port))
            provider = Provider(front.url, pem, PERSON, Logouts.heard)
            endpoint = f"{front.url}/oauth2/register"
            results = [play(provider, way) for way in (Known(), Registered(server, pem, endpoint, logouts))]
        finally:
            server.stop()
    passed, failed = map(sum, zip(*results))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
