"""What an application does that is built on one of these libraries. The steps are those of `servers.ts`."""

import json
import os

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests_oauthlib import OAuth2Session

SETTINGS = json.loads(os.environ["CLIENT_SETTINGS"])
SCOPE = "devices:read"


class RequestsOauthlib:
    """A confidential client with PKCE and a state."""

    def __init__(self, setting):
        self.setting = setting
        self.session = OAuth2Session(
            setting["clientId"], redirect_uri=setting["redirectUri"], scope=[SCOPE], pkce="S256"
        )
        self.token_url = setting["authUrl"] + "/oauth/token"

    def start(self):
        return self.session.authorization_url(self.setting["authUrl"] + "/oauth/authorize")[0]

    def exchange(self, callback):
        return self.session.fetch_token(
            self.token_url,
            authorization_response=callback,
            client_secret=self.setting["clientSecret"],
            timeout=10,
        )

    def refresh(self):
        return self.session.refresh_token(
            self.token_url, auth=(self.setting["clientId"], self.setting["clientSecret"]), timeout=10
        )

    def error_code(self, error):
        return error.error if isinstance(error, InvalidGrantError) else None


class Authlib:
    """A confidential client with PKCE and a state."""

    def __init__(self, setting):
        self.setting = setting
        self.session = AuthlibSession(
            setting["clientId"],
            setting["clientSecret"],
            redirect_uri=setting["redirectUri"],
            scope=SCOPE,
            code_challenge_method="S256",
            token_endpoint=setting["authUrl"] + "/oauth/token",
        )
        self.verifier = generate_token(48)

    def start(self):
        url, self.state = self.session.create_authorization_url(
            self.setting["authUrl"] + "/oauth/authorize", code_verifier=self.verifier
        )
        return url

    def exchange(self, callback):
        return self.session.fetch_token(
            authorization_response=callback, state=self.state, code_verifier=self.verifier, timeout=10
        )

    def refresh(self):
        return self.session.refresh_token(timeout=10)

    def error_code(self, error):
        return error.error if isinstance(error, OAuthError) else None


@pytest.fixture(params=[RequestsOauthlib, Authlib], ids=["requests-oauthlib", "authlib"])
def client(request):
    name = request.node.callspec.id
    return request.param(SETTINGS["clients"][name])


def sign_in(client):
    """A person's part: where the browser came back."""
    answer = requests.post(SETTINGS["signInUrl"], data=client.start(), timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.text


def tokens(client):
    return dict(client.exchange(sign_in(client)))


def code_of(client, failing):
    try:
        failing()
    except Exception as error:
        return client.error_code(error)
    return "no error"


def get(client, url):
    return client.session.get(client.setting[url], timeout=10).status_code


def test_signs_in_and_exchanges_the_code(client):
    answer = tokens(client)
    assert answer["token_type"].lower() == "bearer"
    assert "access_token" in answer and "refresh_token" in answer


def test_makes_a_call_with_the_access_token(client):
    tokens(client)
    assert get(client, "allowedUrl") == 200


def test_refreshes_the_access_token(client):
    old = tokens(client)
    new = client.refresh()
    assert new["access_token"] != old["access_token"]
    assert new["refresh_token"] != old["refresh_token"]
    assert get(client, "allowedUrl") == 200


def test_tells_of_a_wrong_code(client):
    callback = sign_in(client).replace("code=", "code=wrong")
    assert code_of(client, lambda: client.exchange(callback)) == "invalid_grant"


def test_tells_of_an_ended_refresh_token(client):
    answer = requests.post(
        client.setting["authUrl"] + "/oauth/revoke",
        data={"token": tokens(client)["refresh_token"]},
        auth=(client.setting["clientId"], client.setting["clientSecret"]),
        timeout=10,
    )
    assert answer.status_code == 200
    assert code_of(client, client.refresh) == "invalid_grant"


def test_tells_of_a_refused_call(client):
    tokens(client)
    assert get(client, "forbiddenUrl") == 403
    client.session.token = {**client.session.token, "access_token": "wrong"}
    assert get(client, "allowedUrl") == 401
