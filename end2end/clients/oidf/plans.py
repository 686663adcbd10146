"""The tests of the certification plans for the code flow, by their names in the suite: what happens, what is checked.

An operation is named as in the suite, with what it is set to. `Wait` and `Page` are a person's: `oidf/suite.py`.
"""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Test:
    sequence: list
    checks: dict
    # How often somebody has to sign in, for each authorization request.
    asked: list = field(default_factory=lambda: [1])
    # The language of the pages, where one is asked for.
    spoken: str | None = None
    # What the suite warns of; why that may be is said where it stands.
    warned: str | None = None


DISCOVER = [("Webfinger", {}), ("Discovery", {"set_discovery_issuer": None})]
START = [*DISCOVER, "Registration"]
TOKEN = ("AccessToken", {})
UNSIGNED = {"request_object_signing_alg": None, "request_method": "request"}
GET = {"method": "GET", "authn_method": "bearer_header"}
USERINFO = ("UserInfo", {"set_op_args": GET})
ANSWERED, IN_TOKENS = "AuthorizationResponse", "AccessTokenResponse"


def authorize(more=None, **parameters):
    """An authorization request with these parameters; `more` are other settings of the suite's."""
    return ("AsyncAuthn", {"set_response_where": None, "set_request_args": parameters, **(more or {})})


def supported(**values):
    return {"check_support": {"WARNING": values}}


def fails(*errors, operation="AsyncAuthn", **settings):
    return (operation, {"set_expect_error": {"error": list(errors), "stop": False}, **settings})


def response(*classes, **more):
    return {"verify-response": {"response_cls": list(classes), **more}}


def silent(**parameters):
    return fails(*UNSEEN, set_response_where=None, set_request_args={"prompt": "none", **parameters})


OFFLINE = ["openid", "offline_access"]
UNSEEN = ("login_required", "interaction_required", "session_selection_required", "consent_required")
NOBODY = {"verify-error-response": {"error": list(UNSEEN)}}
GOES_ON = {"verify-authn-response": None}
USED = ("invalid_grant", "access_denied")
TWICE = response(ANSWERED, IN_TOKENS)


def scopes(*names):
    asked = authorize(supported(scopes_supported=list(names)), scope=["openid", *names])
    checks = {"verify-scopes": None, "check-http-response": None, **response("OpenIDSchema", ANSWERED)}
    return Test([*START, asked, TOKEN, USERINFO], checks)


def userinfo(**how):
    # The operation itself looks whether it is the same user's as the id_token.
    return Test([*START, authorize(), TOKEN, ("UserInfo", {"set_op_args": how})], response("OpenIDSchema"))


def twice(first, second, checks, asked, between=()):
    """Two authorization requests, one after the other."""
    return Test([*START, first, TOKEN, *between, second, TOKEN], {**checks, **TWICE}, asked)


def essential(claim):
    """An essential claim that is to be in the id_token."""
    wanted = {"id_token": {claim: {"essential": True}}}
    return Test([*START, authorize(claims=wanted), TOKEN, USERINFO], {"verify-claims": {"id_token": None}})


BASIC = {
    "OP-Response-code": Test([*START, authorize()], GOES_ON),
    "OP-Response-Missing": Test(
        [*START, fails("invalid_request", "unsupported_response_type", set_request_args={"response_type": [""]})],
        {"verify-error-response": {"error": ["invalid_request", "unsupported_response_type"]}},
        [0],
    ),
    "OP-IDToken-C-Signature": Test(
        [*START, authorize(), TOKEN],
        {**TWICE, "verify-idtoken-is-signed": {"alg": "RS256"}},
    ),
    "OP-IDToken-kid": Test([*START, authorize(), TOKEN], {**TWICE, "verify-signed-idtoken-has-kid": None}),
    "OP-UserInfo-Endpoint": userinfo(**GET),
    "OP-UserInfo-Header": userinfo(method="POST", behavior="use_authorization_header"),
    "OP-UserInfo-Body": userinfo(method="POST", authn_method="token_in_message_body"),
    "OP-nonce-NoReq-code": Test([*START, authorize(nonce="")], response(ANSWERED)),
    "OP-nonce-code": Test([*START, authorize(nonce="a-nonce"), TOKEN], {"verify-nonce": None, **TWICE}),
    "OP-scope-profile": scopes("profile"),
    "OP-scope-email": scopes("email"),
    "OP-scope-address": scopes("address"),
    "OP-scope-phone": scopes("phone"),
    "OP-scope-All": scopes("profile", "email", "address", "phone"),
    "OP-display-page": Test([*START, authorize(supported(display_values_supported="page"), display="page")], GOES_ON),
    "OP-display-popup": Test([*START, authorize(display="popup")], GOES_ON),
    "OP-prompt-login": twice(
        authorize(),
        authorize(prompt="login"),
        {"claims-check": {"required": True, "id_token": ["auth_time"]}, "multiple-sign-on": None},
        [1, 1],
        [("Wait", {"seconds": 2})],
    ),
    "OP-prompt-none-NotLoggedIn": Test([*START, silent()], NOBODY, [0]),
    "OP-prompt-none-LoggedIn": twice(authorize(), authorize(prompt="none"), {"same-authn": None}, [1, 0]),
    "OP-Req-NotUnderstood": Test([*START, authorize(extra="anything")], GOES_ON),
    "OP-Req-id_token_hint": twice(
        authorize(), authorize({"id_token_hint": None}, prompt="none"), {"same-authn": None}, [1, 0]
    ),
    "OP-Req-login_hint": Test([*START, authorize({"login_hint": None})], GOES_ON),
    "OP-Req-max_age=1": twice(
        authorize(),
        authorize(max_age=1),
        {
            "claims-check": {"required": True, "id_token": ["auth_time"]},
            "auth_time-check": {"max_age": 1, "skew": 2},
            "multiple-sign-on": {"status": 2},
        },
        [1, 1],
        [("Wait", {"seconds": 2})],
    ),
    "OP-Req-max_age=10000": twice(
        authorize(),
        authorize(max_age=10000),
        {
            "claims-check": {"required": True, "id_token": ["auth_time"]},
            "same-authn": None,
            "auth_time-check": {"max_age": 10000, "skew": 2},
        },
        [1, 0],
    ),
    "OP-Req-ui_locales": Test([*START, authorize({"ui_locales": None})], GOES_ON, spoken="id"),
    "OP-Req-claims_locales": Test(
        [*START, authorize({"claims_locales": None}), TOKEN, USERINFO], {"check-http-response": None}
    ),
    "OP-Req-acr_values": Test([*START, authorize({"acr_value": None}), TOKEN], {"used-acr-value": None, **TWICE}),
    "OP-OAuth-2nd": Test(
        [*START, authorize(), TOKEN, fails(*USED, operation="AccessToken")],
        {"check-http-error-response": {}, **response("ErrorResponse", status=2, error=list(USED))},
    ),
    "OP-OAuth-2nd-30s": Test(
        [*START, authorize(), TOKEN, ("TimeDelay", {}), fails(*USED, operation="AccessToken")],
        {"check-http-error-response": {}, **response("ErrorResponse", status=3, error=list(USED))},
    ),
    "OP-OAuth-2nd-Revokes": Test(
        [
            *START, authorize(), TOKEN, fails(*USED, operation="AccessToken"),
            fails("access_denied", "invalid_token", operation="UserInfo", set_op_args=GET),
        ],
        response("ErrorResponse", status=2, error=["access_denied", "invalid_token"]),
    ),
    "OP-redirect_uri-NotReg": Test(
        [*START, authorize(redirect_uri="https://elsewhere.example/callback"), ("Page", {"status": 400})], {}, [0]
    ),
    "OP-redirect_uri-Missing": Test([*START, authorize(redirect_uri=""), ("Page", {"status": 400})], {}, [0]),
    "OP-ClientAuth-Basic-Static": Test(
        [*START, authorize(), ("AccessToken", {"set_op_args": {"authn_method": "client_secret_basic"}})], TWICE
    ),
    "OP-ClientAuth-SecretPost-Static": Test(
        [*START, authorize(), ("AccessToken", {"set_op_args": {"authn_method": "client_secret_post"}})],
        TWICE,
    ),
    "OP-Token-refresh": Test(
        [*START, authorize(scope=OFFLINE, prompt="consent"), TOKEN, ("RefreshToken", {}), USERINFO],
        response("OpenIDSchema"),
    ),
    "OP-claims-essential": Test(
        [*START, authorize({"set_essential_arg_claim": "name"}), TOKEN, USERINFO],
        {"verify-claims": {"userinfo": None}, "check-http-response": None},
        # Plan and features are what Turnpike tells everybody who asks who somebody is.
        warned="Unexpected claims in response: ['features', 'claims', 'ent_ver']",
    ),
    "OP-claims-auth_time-essential": essential("auth_time"),
    "OP-claims-acr-essential": essential("acr"),
    "OP-claims-IDToken": essential("email"),
    "OP-request-Unsigned": Test(
        [*START, fails("request_not_supported", set_op_args=UNSIGNED)],
        {"authn-response-or-error": {"error": ["request_not_supported"]}},
        [0],
    ),
}

CONFIG = {
    "OP-Discovery-Config": Test(
        DISCOVER,
        {
            "check-http-response": None,
            "verify-op-endpoints-use-https": None,
            "verify-https-usage": {"endpoints": ["jwks_uri"]},
        },
        [],
    ),
    "OP-Discovery-JWKs": Test(DISCOVER, {"check-http-response": None, "verify-base64url": {"err_status": 3}}, []),
    "OP-Discovery-jwks_uri": Test(
        DISCOVER, {"bare-keys": None, "providerinfo-has-jwks_uri": None, "check-http-response": None}, []
    ),
    "OP-Discovery-claims_supported": Test(
        DISCOVER, {"providerinfo-has-claims_supported": None, "check-http-response": None}, []
    ),
}


def by_form(step):
    """The same step, whose answer comes by a form."""
    name, settings = step if isinstance(step, tuple) else (step, {})
    if name != "AsyncAuthn":
        return step
    asked = {**settings.get("set_request_args", {}), "response_mode": ["form_post"]}
    return (name, {**settings, "set_request_args": asked})


FORM_POST = {
    name: replace(test, sequence=[by_form(step) for step in test.sequence])
    for name, test in BASIC.items()
    # The answer has come by a form before the half minute begins.
    if name != "OP-OAuth-2nd-30s"
} | {
    "OP-Response-form_post": Test([*START, authorize(response_mode=["form_post"])], GOES_ON),
}


LEFT_OUT = "left out"
BACK = ("PostLogout", {})
SHOWN = ("Page", {"status": 200})
AGREES = ("Page", {"status": 200, "form": {}})


def sign_out(*landing, stays=False, without_hint=False, **changes):
    """Signs in, then out as the client asks for it. Nobody is signed in afterwards, unless they `stay` so."""
    settings = {"set_post_logout_redirect_uri": None, "set_req_args_state": None, "id_token_hint": None, **changes}
    settings = {name: value for name, value in settings.items() if value != LEFT_OUT}
    if without_hint:
        settings["set_op_args"] = {"remove_id_token_hint": True}
    after = authorize(prompt="none") if stays else silent()
    sequence = [*START, authorize(), TOKEN, ("EndSession", settings), *landing, after]
    return Test(sequence, GOES_ON if stays else NOBODY, [1, 0])


RP_INITIATED = {
    "OP-RpInitLogout-Discovery": Test(
        DISCOVER,
        {
            "verify-op-endpoints-use-https": None,
            "verify-required-claims": {"ProviderConfigurationResponse": ["end_session_endpoint"]},
        },
        [],
    ),
    "OP-RpInitLogout": sign_out(BACK),
    "OP-RpInitLogout-No-state": sign_out(BACK, set_req_args_state=LEFT_OUT),
    "OP-RpInitLogout-No-post_logout_redirect_uri": sign_out(SHOWN, set_post_logout_redirect_uri=LEFT_OUT),
    "OP-RpInitLogout-Bad_redirect_uri": sign_out(
        SHOWN,
        stays=True,
        set_post_logout_redirect_uri=LEFT_OUT,
        set_request_args={"post_logout_redirect_uri": "https://elsewhere.example/bye"},
    ),
    "OP-RpInitLogout-Unregistered_post_logout_redirect_uri": sign_out(
        SHOWN,
        stays=True,
        set_post_logout_redirect_uri=LEFT_OUT,
        post_logout_redirect_uri_with_query_component={"foo": "bar"},
    ),
    "OP-RpInitLogout-Wrong-id_token_hint": sign_out(
        SHOWN, stays=True, id_token_hint=LEFT_OUT, create_idtoken_hint_other_issuer={"sub": "somebody"}
    ),
    "OP-RpInitLogout-Modified-id_token_hint": sign_out(
        SHOWN, stays=True, id_token_hint=LEFT_OUT, modified_idtoken_hint=None
    ),
    "OP-RpInitLogout-No-id_token_hint": sign_out(SHOWN, stays=True, without_hint=True),
    # These two are to end at a page that says that nobody is signed in: whoever is asked agrees.
    "OP-RpInitLogout-No-params": sign_out(
        AGREES, SHOWN, without_hint=True, set_post_logout_redirect_uri=LEFT_OUT, set_req_args_state=LEFT_OUT
    ),
    "OP-RpInitLogout-Only-state": sign_out(AGREES, SHOWN, without_hint=True, set_post_logout_redirect_uri=LEFT_OUT),
}

BACK_CHANNEL = {
    "OP-BackChannel-Discovery": Test(
        DISCOVER,
        {
            "verify-op-endpoints-use-https": None,
            "verify-required-claims": {
                "ProviderConfigurationResponse": [
                    "backchannel_logout_supported",
                    "backchannel_logout_session_supported",
                ]
            },
        },
        [],
    ),
    "OP-BackChannel-RpInitLogout": sign_out(("BackChannelLogout", {}), BACK),
}

PLANS = {
    "Basic OP": BASIC,
    "Config OP": CONFIG,
    "Form Post OP": FORM_POST,
    "RP-Initiated Logout OP": RP_INITIATED,
    "Back-Channel Logout OP": BACK_CHANNEL,
}
