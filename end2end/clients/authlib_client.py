"""Python's Authlib against the running server: code flow with PKCE, refresh, client credentials.

Prints `N passed, N failed` last.
"""

import os
import sys
import traceback
import uuid
from urllib.parse import urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Forms, Person

ISSUER = os.environ.get("TURNPIKE_URL", "http://127.0.0.1:8080")
CLIENT, SECRET = "e2e-web", "e2e-web-secret-of-32-characters-or-more"
REDIRECT = "http://127.0.0.1:9556/callback"
SCOPE = "openid profile email offline_access"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


def sign_up(session, plan):
    meta = requests.get(f"{ISSUER}/.well-known/openid-configuration").json()
    verifier = generate_token(48)
    nonce = generate_token()
    url, state = session.create_authorization_url(meta["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    person = Person(ISSUER)
    person.go(url)
    register = next(link for link in Forms(person.page).links if link.startswith("/register"))
    person.go(urljoin(ISSUER, register))
    email = f"py-{uuid.uuid4()}@example.com"
    person.submit({"email": email, "name": "Siti"}, "email")
    mailbox = requests.get(f"{ISSUER}/demo/mailbox", params={"to": email}).text
    person.go(next(link for link in Forms(mailbox).links if "/link/" in link))
    back = person.submit({"password": "a long enough passphrase"}, "password")
    assert back is None and urlsplit(person.url).path == "/plans", person.url
    back = person.submit({"plan": plan}, "plan")
    token = session.fetch_token(meta["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    return token, nonce, email, meta


def client():
    return OAuth2Session(CLIENT, SECRET, scope=SCOPE, redirect_uri=REDIRECT, code_challenge_method="S256")


def verified(token, meta):
    keys = KeySet.import_key_set(requests.get(meta["jwks_uri"]).json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def test_code_flow():
    session = client()
    token, nonce, _, meta = sign_up(session, "pro")
    claims = verified(token["id_token"], meta)
    assert claims["iss"] == ISSUER and claims["aud"] == CLIENT and claims["nonce"] == nonce
    assert claims["features"] == {"maxProjects": 50, "exportEnabled": True, "storageGb": 100}
    assert verified(token["access_token"], meta)["plan"] == "pro"
    info = session.get(meta["userinfo_endpoint"]).json()
    assert info["sub"] == claims["sub"] and info["plan"] == "pro"


def test_refresh_after_claims_call():
    session = client()
    token, _, email, meta = sign_up(session, "free")
    body = {"client_id": CLIENT, "client_secret": SECRET, "email": email, "claims": {"plan": "pro"}}
    assert requests.post(f"{ISSUER}/api/platform/claims", json=body).status_code == 200
    fresh = session.refresh_token(meta["token_endpoint"], refresh_token=token["refresh_token"])
    assert verified(fresh["access_token"], meta)["plan"] == "pro"


def test_client_credentials():
    meta = requests.get(f"{ISSUER}/.well-known/openid-configuration").json()
    session = OAuth2Session(CLIENT, SECRET)
    token = session.fetch_token(meta["token_endpoint"], grant_type="client_credentials")
    assert verified(token["access_token"], meta)["sub"] == CLIENT


def main():
    passed = failed = 0
    for test in (test_code_flow, test_refresh_after_claims_call, test_client_credentials):
        try:
            test()
            passed += 1
            print(f"ok {test.__name__}")
        except Exception:
            failed += 1
            print(f"not ok {test.__name__}")
            traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
