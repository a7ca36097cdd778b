"""What each of the nine must be answered."""

from tests.matrix.table import SAFE, SDK, Call, Level, Route, Who

OK = "ok"
SIGN_IN = "sign-in page"


def takes_tokens(route: Route, path: str) -> bool:
    """Whether an API token opens the address."""
    return path.startswith(("/api/v1/", SDK)) if route.tokens is None else route.tokens


def expected(who: Who, call: Call, route: Route, path: str) -> int | str:
    """The status, or OK for one of the call's own, or SIGN_IN for the way to the sign-in page."""
    answer = _expected(who, call, route, path)
    # The SDK hides the message of a 404.
    return 403 if answer == 404 and path.startswith(SDK) else answer


def is_hidden(who: Who, call: Call, route: Route, path: str) -> bool:
    """Whether he may not know that the thing exists."""
    return _expected(who, call, route, path) == 404


def _expected(who: Who, call: Call, route: Route, path: str) -> int | str:
    is_rest = path.startswith(("/api/v1/", SDK))
    public = call.least is Level.ANYBODY
    if who in (Who.READ_TOKEN, Who.REVOKED_TOKEN) and takes_tokens(route, path):
        if who is Who.REVOKED_TOKEN:
            return 401
        if call.method not in SAFE and not call.reads:
            return 403
        return _by_level(Who.ADMIN, call, route)
    if public:
        return OK
    if who is Who.ANONYMOUS:
        return 401 if is_rest else SIGN_IN
    if who in (Who.READ_TOKEN, Who.REVOKED_TOKEN):
        # Pages know no tokens, and a program is not shown the way to the sign-in page.
        return 401
    return _by_level(who, call, route)


def _by_level(who: Who, call: Call, route: Route) -> int | str:
    if who is Who.OTHER_ORG:
        # He administers his own organisation; what lies in this one does not exist for him.
        return 404 if route.args or call.named else OK
    if call.owner is not None:
        return OK if who is call.owner else 404
    if who.level >= call.least:
        return OK
    return 403 if not route.args or who.level >= call.seen else 404
