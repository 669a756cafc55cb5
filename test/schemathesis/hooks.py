"""What the OpenAPI document can't say. Loaded by SCHEMATHESIS_HOOKS; each has its reason in CONTRIBUTING.md."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """A cursor is good only as a list has answered it."""
    if case.meta is None or case.meta.generation.mode.is_positive:
        (case.query or {}).pop("cursor", None)


@schemathesis.hook
def filter_body(context, body):
    """The API refuses `__proto__` at any depth; the generator is fond of it."""
    return "__proto__" not in repr(body)
