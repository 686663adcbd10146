"""Plays tests of the OpenID Foundation's suite (`oidctest`, from PyPI): its own operations make the requests and read
the answers, its own checks judge them. What it left to a person and a web server is done here: somebody signs in, and
the answers are handed on.
"""

from oidf import compat  # noqa: F401, first

import re
import time
from urllib.parse import parse_qsl, urlsplit

from Cryptodome.PublicKey import RSA
from jwkest.jwk import RSAKey
from oic.exception import MessageException
from oic.oauth2.message import SINGLE_REQUIRED_STRING, Message
from oic.oic import message
from oic.utils.keyio import KeyBundle, KeyJar
from oidctest.op import check, func, oper, profiles
from oidctest.op.client import Client
from otest import Break, ConditionError
from otest.aus.client import Factory
from otest.check import OK, WARNING, State
from otest.conversation import Conversation
from otest.events import EV_CONDITION, EV_EXCEPTION, EV_FAULT
from otest.summation import eval_state, represent_result
from otest.verify import Verify

from browser import Forms, Person

# The code flow, with discovery, with a client that is known beforehand, whose id_tokens are signed.
PROFILE = "C.F.T.F.s"
# The suite's own, with which it forges.
KEYS = KeyBundle(keytype="RSA", keyusage=["sig"])
KEYS.append(RSAKey(use="sig", kid="suite").load_key(RSA.generate(2048)))
# A notification of a sign-out may be tried again.
SECONDS = 20


class BackChannelLogoutRequest(Message):
    """OpenID Connect Back-Channel Logout 1.0, section 2.6. The suite names this message; the release of `oic` that it
    runs on has it not yet."""

    c_param = {"logout_token": SINGLE_REQUIRED_STRING}

    def verify(self, aud=None, iss=None, keyjar=None, **kwargs):
        super().verify(**kwargs)
        token = Message().from_jwt(str(self["logout_token"]), keyjar=keyjar)
        event = {"http://schemas.openid.net/event/backchannel-logout": {}}
        for holds, fault in [
            (token.jws_header["alg"] != "none", "not signed"),
            (token.jws_header.get("typ") == "logout+jwt", "not typed"),
            (token["iss"] == iss, "another issuer"),
            (token["aud"] in (aud, [aud]), "another audience"),
            (abs(token["iat"] - time.time()) < 60 and token["exp"] > time.time(), "another time"),
            (token["jti"], "no jti"),
            (token["events"] == event, "other events"),
            ("sub" in token and "sid" in token, "nobody's"),
            ("nonce" not in token, "a nonce"),
        ]:
            if not holds:
                raise MessageException(f"the logout token: {fault}: {token.to_dict()}")
        self["logout_token"] = token
        return True


def messages(name):
    return {"BackChannelLogoutRequest": BackChannelLogoutRequest}.get(name) or message.factory(name)


class Settings:
    """Which of the steps the suite takes by itself, and where it tells that it cannot go on."""

    webfinger = register = staticmethod(lambda profile: False)
    discover = staticmethod(lambda profile: True)

    @property
    def profile_handler(self):
        return self

    def err_response(self, where, error):
        raise error

    def sorry_response(self, *words):
        raise AssertionError(words)


class Provider:
    """What is tested, and who signs in there."""

    def __init__(self, issuer, certificate, person, logouts):
        """`logouts` is where the suite hears of sign-outs."""
        self.issuer, self.certificate, self.person, self.logouts = issuer, certificate, person, logouts

    def browser(self):
        person = Person(self.issuer)
        # An authority of the machine's must not take the place of the certificate.
        person.http.verify, person.http.trust_env = self.certificate, False
        return person


class Run:
    """One test."""

    def __init__(self, name, test, provider, client):
        """`client` is how the suite is registered at the provider."""
        self.name, self.test, self.provider, self.client = name, test, provider, client
        self.person = provider.browser()
        self.asked, self.spoken, self.left, self.is_shown = [], set(), None, False
        jar = KeyJar(verify_ssl=provider.certificate)
        jar.add_kb("", KEYS)
        entity, known = Factory(Client).make_client(
            keyjar=jar, verify_ssl=provider.certificate, base_url="https://127.0.0.1/", jwks_uri="", entity_id="",
            registration_info=client, registration_response=client, client_id=client["client_id"],
        )
        flow = {"sequence": test.sequence, "assert": test.checks}
        conv = Conversation(flow, entity, messages, callback_uris=client["redirect_uris"])
        conv.entity_config, conv.test_id, conv.tool_config = known, name, {
            "issuer": provider.issuer, "profile": PROFILE, "login_hint": provider.person["email"],
            "ui_locales": ["id", "en"], "claims_locales": ["id", "en"],
        }
        entity.conv, entity.events = conv, conv.events
        self.conv = conv

    def play(self):
        """What is wrong: nothing, when the test passes."""
        try:
            for step in self.test.sequence:
                self.step(*step if isinstance(step, tuple) else (step, {}))
            self.must_be_away()
            Verify(check.factory, self.conv).test_sequence(self.test.checks)
            self.conv.events.store(EV_CONDITION, State("Done", status=OK))
        except (Break, ConditionError, MessageException) as broken:
            return self.told(broken)
        if self.messages() != ([self.test.warned] if self.test.warned else []):
            return self.told()
        if self.asked != self.test.asked:
            return f"asked to sign in {self.asked} times, not {self.test.asked}"
        if self.test.spoken and self.spoken != {self.test.spoken}:
            return f"pages in {self.spoken}, not in {self.test.spoken}"
        return None

    def messages(self):
        """What the suite has to say, if that is no more than a warning."""
        events = self.conv.events
        if eval_state(events) not in (OK, WARNING):
            return [self.told()]
        return [state.message for state in events.get_data(EV_CONDITION) if state.status >= WARNING]

    def told(self, *more):
        events = self.conv.events
        faults = [*more, *events.get_data(EV_FAULT), *events.get_data(EV_EXCEPTION)]
        return "; ".join([represent_result(events), *(f"{type(fault).__name__}: {fault}" for fault in faults)])

    def step(self, name, settings):
        if own := getattr(self, name, None):
            return own(**settings)
        self.must_be_away()
        operation = oper.factory(name)(
            conv=self.conv, inut=Settings(), sh={}, profile=PROFILE, test_id=self.name, conf=None,
            funcs={func.factory(each): argument for each, argument in settings.items()}, check_factory=check.factory,
            cache={}, tool_conf=self.conv.tool_config,
        )
        self.conv.operation = operation
        if isinstance(operation, oper.EndPoint):
            return operation.handle_request(messages, request_args=self.heard(operation))
        operation.setup(profiles.PROFILEMAP)
        redirect = operation()
        if redirect is None:
            return None
        self.left = self.person.go(redirect.message)
        self.sent = {"state": state} if (state := operation.req_args.get("state")) else {}
        if isinstance(operation, oper.AsyncAuthn):
            return self.authorized(operation)
        return None

    def heard(self, operation):
        """What the suite is told: by the provider itself, or by the browser that comes back."""
        if isinstance(operation, oper.BackChannelLogout):
            return dict(parse_qsl(self.provider.logouts.get(timeout=SECONDS)))
        answer = self.query("post_logout_redirect_uris")
        assert answer == self.sent, f"back with {answer}, sent with {self.sent}"
        # It looks its state up there.
        self.conv.entity.logout_state2state = {state: state for state in answer.values()}
        return answer or None

    def authorized(self, operation):
        """Signs in and agrees where that is asked, and hands the answer on."""
        asked = 0
        while not self.left and self.person.status == 200:
            path = urlsplit(self.person.url).path
            if self.posted():
                break
            if path == "/sign-in":
                asked += 1
                self.spoken.add(re.search(r'<html[^>]* lang="(\w+)"', self.person.page)[1])
                self.left = self.person.submit(self.provider.person, "password")
            elif path == "/consent":
                self.left = self.person.submit({"decision": "allow"}, "decision")
            else:
                break
        self.asked.append(asked)
        is_form = operation.req_args.get("response_mode") == ["form_post"]
        answer = self.posted() if is_form else self.left and self.query("redirect_uris")
        self.is_shown = not answer
        if answer:
            # The suite takes it for its own where there is none; `iss` (RFC 9207) is younger than the suite.
            assert answer["state"] == self.sent["state"] and answer["iss"] == self.provider.issuer, answer
            operation.parse_response(self.name, operation.inut, messages, response=answer)

    def must_be_away(self):
        """No page is in the way that the test does not know of."""
        assert not self.is_shown, f"{self.person.status} at {self.person.url}"

    def query(self, kind):
        """The parameters of the client's address of this kind, to which the browser was sent."""
        back = self.client[kind][0]
        assert self.left and self.left.split("?")[0] == back, f"at {self.left or self.person.url}, not back at {back}"
        return dict(parse_qsl(urlsplit(self.left).query))

    def posted(self):
        """The fields of the form that the page sends to the client by itself."""
        back = self.client["redirect_uris"][0]
        forms = [] if self.left else Forms(self.person.page).forms
        return next((form["fields"] for form in forms if form["action"] == back), None)

    # What the suite asks of the person in front of it.

    def Wait(self, seconds):
        time.sleep(seconds)

    def Page(self, status, form=None):
        """Is shown a page of the provider's, with this status; sends its form, if there is one to send."""
        assert not self.left, f"sent away to {self.left}"
        self.is_shown = False
        assert self.person.status == status, f"{self.person.status} at {self.person.url}"
        if form is not None:
            self.left = self.person.submit(form, "")
