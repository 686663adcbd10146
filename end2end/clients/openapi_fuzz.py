"""Schemathesis over /api/openapi.json: nothing that fits the description, or nearly does, brings a 5xx, and every
answer is as described.

Answers of 401 or 429 are described as well. So every operation of the document must have been tested, and the
credential must work at the end of a run as at its beginning.

It has a server with data of its own, because it deletes what it finds. An operation counts as a test; prints
`N passed, N failed` last.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import uuid
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from browser import Person
from server import Server

BACK = "https://app.example/"
# Deterministic: the same requests each time, without a memory of earlier runs.
OPTIONS = ["--generation-deterministic", "--max-examples=20", "--workers=1"]
# A run takes half a minute on a quiet machine with two cores.
SECONDS = 240
# A request that fits its schema may still be refused with 400: a schema does not know which cursors are this list's,
# which dates have passed, or which currencies there are.
EXCLUDED = "--exclude-checks=positive_data_acceptance"


def shop(server):
    """An application in which there is one of everything; its ids by the names of the path's parameters."""
    slug = f"fuzz-{uuid.uuid4().hex[:8]}"
    settings = {"name": slug, "slug": slug, "paymentProvider": "sandbox", "returnUrls": [BACK]}
    made = server.admin("POST", "/applications", settings)
    app = made["application"]["id"]
    base = f"/applications/{app}"
    post = lambda path, body: server.admin("POST", base + path, body)
    post("/plans", {"name": "Free", "isDefault": True})
    plan = post("/plans", {"name": "Pro", "key": "pro", "features": {"seats": 5}})["plan"]
    price = {"name": "Monthly", "amount": 999, "currency": "usd", "interval": "month"}
    price = post(f"/plans/{plan['id']}/prices", price)["price"]
    user = server.admin("POST", "/users", {"email": f"{slug}@example.com", "name": "Sri"})["user"]
    post("/users", {"userId": user["id"]})
    role = post("/roles", {"name": "editor"})["role"]
    permission = post("/permissions", {"name": "orders.write"})["permission"]
    post(f"/roles/{role['id']}/permissions", {"permissionId": permission["id"]})
    coupon = post("/coupons", {"code": "SPRING", "basisPoints": 1000})["coupon"]
    client = post("/clients", {"name": "Second"})["client"]
    token = post("/registration-tokens", {"name": "Partners", "days": 1})["registrationToken"]
    webhook = post("/webhooks", {"url": f"{BACK}hooks"})["webhook"]
    delivery = post(f"/webhooks/{webhook['id']}/test", None)["delivery"]
    credentials = (made["clientId"], made["clientSecret"])
    buy(server, credentials, user["id"])
    subscriptions = server.admin("GET", f"{base}/subscriptions")["subscriptions"]
    payment = server.admin("GET", f"{base}/payments")["payments"][0]
    ids = {
        "appId": app,
        "planId": plan["id"],
        "plan_key": "pro",
        "priceId": price["id"],
        "userId": user["id"],
        "end_user_id": user["id"],
        "roleId": role["id"],
        "permissionId": permission["id"],
        "couponId": coupon["id"],
        "clientId": client["id"],
        "tokenId": token["id"],
        "webhookId": webhook["id"],
        "deliveryId": delivery["id"],
        "subscriptionId": next(held["id"] for held in subscriptions if held["priceId"]),
        "paymentId": payment["id"],
        "invoiceId": payment["invoiceId"],
        "provider": "stripe",
    }
    return ids, credentials


# Somebody with a password, and the application that they sign in to.
PERSON = {"email": "own@example.com", "password": "a long enough passphrase"}
CLIENT = {"client_id": "own", "client_secret": "own-secret-of-32-characters-or-more"}
# Everything that their account tells by a token.
SCOPE = "openid profile email phone address org"
CATALOG = f"""
[[applications]]
slug = "own"
name = "Own"
plan_selection = "never"

[[applications.clients]]
name = "Web"
client_id = "{CLIENT["client_id"]}"
client_secret = "{CLIENT["client_secret"]}"
redirect_uris = ["{BACK}"]
skip_consent = true

[[users]]
email = "{PERSON["email"]}"
password = "{PERSON["password"]}"
applications = ["own"]
"""


def access_token(server):
    """What that application has of them."""
    asked = {"client_id": CLIENT["client_id"], "redirect_uri": BACK, "state": "s", "scope": SCOPE}
    login = f"{server.url}/auth/login?" + urlencode(asked)
    person = Person(server.url)
    person.go(login)
    back = person.submit(PERSON, "password")
    code = parse_qs(urlsplit(back).query)["code"][0]
    redeem = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **CLIENT}
    answer = requests.post(f"{server.url}/api/platform/token", json=redeem, timeout=60)
    answer.raise_for_status()
    return answer.json()["access_token"]


def buy(server, credentials, user):
    """Pays for Pro with a card of the sandbox."""
    wanted = {"end_user_id": user, "plan": "pro", "success_url": BACK, "cancel_url": BACK}
    url = f"{server.url}/api/platform/checkout/sessions"
    answer = requests.post(url, auth=credentials, json=wanted, timeout=60)
    answer.raise_for_status()
    person = Person(server.url)
    person.go(answer.json()["checkout_url"])
    person.submit({}, "")
    back = person.submit({}, "act")
    assert back and back.startswith(BACK), f"not paid: {person.url}"


def configuration(kept, deleted):
    """What is there stands in each path; what deletes gets another application, so that the first one stays."""
    lines = ["[parameters]", *(f'"path.{name}" = {json.dumps(value)}' for name, value in kept.items())]
    lines += ["[[operations]]", 'include-method = "DELETE"', "[operations.parameters]"]
    lines += [f'"path.{name}" = {json.dumps(value)}' for name, value in deleted.items()]
    return "\n".join(lines) + "\n"


class Family(NamedTuple):
    """A part of the API with a credential for it."""

    prefix: str
    # Schemathesis's options that name the credential.
    options: list
    # A GET that it may ask, and the credential as `requests` takes it.
    path: str
    credential: dict

    def count(self, server):
        """How many operations the document describes."""
        paths = requests.get(f"{server.url}/api/openapi.json", timeout=60).json()["paths"]
        return sum(len(methods) for path, methods in paths.items() if path.startswith(self.prefix))

    def statuses(self, server):
        """What the GET is answered, twenty times at once: a limit that is used up lets the first one through by now."""
        url = f"{server.url}{self.prefix}{self.path}"
        return {requests.get(url, timeout=60, **self.credential).status_code for _ in range(20)}


def bearer(prefix, path, token):
    value = f"Bearer {token}"
    return Family(prefix, ["-H", f"Authorization: {value}"], path, {"headers": {"authorization": value}})


def run(server, directory, name, family, config=""):
    """One run; answers how many operations were tested, and those at which something was wrong."""
    directory = pathlib.Path(directory) / name
    directory.mkdir()
    (directory / "config.toml").write_text(config)
    report = directory / "report.json"
    command = [pathlib.Path(sys.executable).parent / "st", "--config-file", directory / "config.toml"]
    command += ["run", f"{server.url}/api/openapi.json", *OPTIONS, EXCLUDED, *family.options]
    command += [f"--include-path-regex=^{family.prefix}"]
    command += ["--no-color", "--continue-on-failure", "--suppress-health-check=all", "--warnings=off"]
    command += ["--report=json", f"--report-json-path={report}"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=SECONDS)
    told = json.loads(report.read_text()) if report.exists() else {}
    wrong = {operation for failure in told.get("failures", []) for operation in failure["operations"]}
    tested = told.get("operations", {}).get("tested", 0)
    cases = told.get("test_cases", {}).get("generated", 0)
    print(f"{name}: {tested} operations, {cases} requests, {len(wrong)} at fault, {told.get('running_time', 0):.0f} s")
    if done.returncode != 0:
        print(done.stdout[-20_000:], done.stderr[-4_000:])
    if not tested or (done.returncode != 0 and not wrong):
        wrong.add("the run itself")
    if tested != (described := family.count(server)):
        wrong.add(f"tested {tested} operations of {described}")
    if (statuses := family.statuses(server)) != {200}:
        wrong.add(f"the credential: {statuses} after the run")
    return tested, wrong


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        server = Server(directory, CATALOG)
        try:
            (kept, client), (deleted, _) = shop(server), shop(server)
            config = configuration(kept, deleted)
            admin = bearer("/api/admin/", "applications", server.key)
            user = bearer("/api/user/", "sessions", access_token(server))
            platform = Family("/api/platform/", ["--auth", ":".join(client)], "plans", {"auth": client})
            for name, family, settings in [
                ("user-any", user, ""),
                ("platform-known", platform, config),
                ("admin-known", admin, config),
                ("admin-any", admin, ""),
            ]:
                tested, wrong = run(server, directory, name, family, settings)
                for operation in sorted(wrong):
                    print(f"not ok {name} {operation}")
                failed += len(wrong)
                passed += max(0, tested - len(wrong))
            if server.process.poll() is not None or "panicked" in server.said():
                failed += 1
                print(f"not ok the server: {server.said()}")
        finally:
            server.stop()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
