"""What the OpenAPI document can't say. Loaded by SCHEMATHESIS_HOOKS; each has its reason in CONTRIBUTING.md."""

import json
import os
from collections import defaultdict
from uuid import uuid4

import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.core.parameters import ParameterLocation


@schemathesis.hook
def before_call(context, case, kwargs):
    if is_good(case, ParameterLocation.QUERY):
        without_invented_cursor(case)
        without_filters_of_changes(case)
    if is_good(case, ParameterLocation.HEADER):
        with_headers_of_this_request(case)
    if is_good(case, ParameterLocation.PATH):
        with_ids_that_belong_together(case)
        with_id_of_a_request(case)
        with_id_of_a_consent(case)
    if is_good(case, ParameterLocation.BODY):
        with_client_that_holds_together(case)
    without_own_end(case)


@schemathesis.hook
def after_call(context, case, response):
    if case.method == "POST" and response.status_code == 201:
        made[case.path].append({**case.path_parameters, "id": response.json()["id"]})
    if OWN_AUTHORIZATION in response.request.headers.get("Authorization", ""):
        last_request["id"] = response.headers["x-request-id"][0]


with open(os.environ["KEYS_FILE"]) as keys_file:
    OWN_AUTHORIZATION = json.load(keys_file)["auth"][0]["fixedHeaders"][0]["value"]

last_request = {}
consents = os.environ["CONSENT_IDS"].split()


# By the path of a collection, the ids of what was made there, and of what it stands below.
made = defaultdict(list)


def is_good(case, location):
    """Whether what a request has there is meant to fit the document."""
    component = case.meta and case.meta.components.get(location)
    return component is None or component.mode.is_positive


def without_invented_cursor(case):
    """A cursor is good only as a list has answered it."""
    case.query.pop("cursor", None)


def without_filters_of_changes(case):
    """Requests are filtered by time only, which JSON Schema can't say of parameters that each stand alone."""
    if case.query.get("kind") == "api_activity":
        for name in ("actor_type", "actor_id", "action", "target_type", "target_id"):
            case.query.pop(name, None)


def with_headers_of_this_request(case):
    """Another request's key or version is refused before anything else is looked at."""
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid4())
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"


def with_ids_that_belong_together(case):
    """What stands below another item is found by both their ids, while the generator draws each by itself."""
    if len(case.path_parameters) > 1 and made[case.path.removesuffix("/{id}")]:
        case.path_parameters = made[case.path.removesuffix("/{id}")].pop()


def with_id_of_a_request(case):
    """A request's record is made by no route, so no answer links to one."""
    if case.path.endswith("/requests/{id}") and last_request:
        case.path_parameters = {**last_request}


def with_id_of_a_consent(case):
    """People let apps in, and no route does."""
    if case.path.endswith("/apps/consents/{id}") and consents:
        case.path_parameters = {"id": consents.pop()}


def with_client_that_holds_together(case):
    """Grants, redirect URIs, keys and the kind of authentication of a client must fit one another."""
    if "/clients" in case.path and isinstance(case.body, dict) and case.method in ("POST", "PATCH"):
        dependent = ("grant_types", "token_endpoint_auth_method", "post_logout_redirect_uris")
        body = {name: value for name, value in case.body.items() if name not in dependent}
        case.body = {**body, "redirect_uris": ["https://example.com/callback"]}


def without_own_end(case):
    """The run may pause, change or lock out every key but the one that it works with."""
    if os.environ["OWN_KEY_ID"] in case.path_parameters.values():
        case.path_parameters = {**case.path_parameters, "id": "none"}
    if isinstance(case.body, dict) and case.body.get("force") is True:
        case.body = {**case.body, "force": False}


@schemathesis.hook
def filter_body(context, body):
    """The API refuses `__proto__` at any depth; the generator is fond of it."""
    return "__proto__" not in repr(body)


use_after_free_of_any = CHECKS.get_one("use_after_free")


def use_after_free(ctx, response, case):
    """A revoked key stays, to be looked at with what belongs to it."""
    return None if "/api-keys/" in case.path else use_after_free_of_any(ctx, response, case)


CHECKS.register(use_after_free)
