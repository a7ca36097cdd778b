"""Routes of people, organisations, teams and keys."""

from tests.matrix.table import Call, Level, Route, Table, Who

MEMBER, ADMIN = Level.MEMBER, Level.ADMIN
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPjQKb8qMshAjoqVylHFvfn95sWXaK79BeOcp2+8AB3x ann@desk"

PAGES: Table = {
    "sign-in": Route(
        [
            Call("GET", Level.ANYBODY),
            # Everybody may try; this is nobody's password.
            Call("POST", Level.ANYBODY, form=True, ok=(400, 422)),
        ]
    ),
    # Whoever is not signed in comes out at the same page.
    "sign-out": Route([Call("POST", Level.ANYBODY, form=True, ok=(302,))]),
    # The same page by the name that allauth knows.
    "account_login": Route(
        [Call("GET", Level.ANYBODY), Call("POST", Level.ANYBODY, form=True, ok=(400, 422))]
    ),
    "account_reset_password": Route(
        [
            Call("GET", Level.ANYBODY),
            Call("POST", Level.ANYBODY, form=True, body={"email": "nobody@example.org"}, ok=(302,)),
        ]
    ),
    "account_reset_password_done": Route([Call("GET", Level.ANYBODY)]),
    # Whoever has the link of the mail may; this is nobody's.
    "account_reset_password_from_key": Route(
        [Call("GET", Level.ANYBODY, ok=(404,)), Call("POST", Level.ANYBODY, form=True, ok=(404,))],
        fixed={"uidb36": "0", "key": "a-b"},
    ),
    # Whoever has the link may look; it lets in nobody but the invited person.
    "invitation": Route(
        [Call("GET", Level.ANYBODY), Call("POST", Level.ANYBODY, form=True, ok=(403, 422))],
        args={"secret": "invitation_secret"},
    ),
    "organisation": Route(
        [Call("GET", MEMBER), Call("POST", ADMIN, form=True, body={"name": "Lab"}, ok=(302,))]
    ),
    "members": Route([Call("GET", MEMBER)]),
    "member": Route([Call("GET", MEMBER, seen=MEMBER)], args={"user_id": "colleague"}),
    "member-role": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, body={"role": "admin"}, ok=(302,))],
        args={"user_id": "colleague"},
    ),
    "member-remove": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, ok=(302,))], args={"user_id": "colleague"}
    ),
    "invitation-create": Route(
        [
            Call(
                "POST",
                ADMIN,
                form=True,
                body={"email": "new@example.org", "role": "member"},
                ok=(200,),
            )
        ]
    ),
    # Members are told that it takes an administrator, whatever the id.
    "invitation-renew": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, ok=(200,))],
        args={"invitation_id": "invitation"},
    ),
    "invitation-revoke": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, ok=(302,))],
        args={"invitation_id": "invitation"},
    ),
    "teams": Route([Call("GET", MEMBER)]),
    "team-create": Route([Call("POST", ADMIN, form=True, body={"name": "Owls"}, ok=(302,))]),
    "team": Route([Call("GET", MEMBER, seen=MEMBER)], args={"team_id": "team"}),
    "team-update": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, body={"name": "Owls"}, ok=(302,))],
        args={"team_id": "team"},
    ),
    "team-delete": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, ok=(302,))], args={"team_id": "team"}
    ),
    "team-member-add": Route(
        [
            Call(
                "POST",
                ADMIN,
                seen=MEMBER,
                form=True,
                body={"email": "viewer@example.org"},
                ok=(302,),
            )
        ],
        args={"team_id": "team"},
    ),
    "team-member-remove": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, ok=(302,))],
        args={"team_id": "team", "user_id": "colleague"},
    ),
    "sessions": Route([Call("GET", MEMBER)]),
    "sessions-end-others": Route([Call("POST", MEMBER, form=True, ok=(302,))]),
    "session-end": Route(
        [Call("POST", owner=Who.EDITOR, form=True, ok=(302,))], args={"session_id": "session"}
    ),
    "account": Route(
        [Call("GET", MEMBER), Call("POST", MEMBER, form=True, body={"name": "Ann"}, ok=(302,))]
    ),
    "password-change": Route([Call("GET", MEMBER), Call("POST", MEMBER, form=True, ok=(422,))]),
    "second-factor": Route([Call("GET", MEMBER)]),
    "second-factor-on": Route([Call("GET", MEMBER), Call("POST", MEMBER, form=True, ok=(422,))]),
    "second-factor-off": Route([Call("POST", MEMBER, form=True, ok=(422,))]),
    "second-factor-codes": Route([Call("POST", MEMBER, form=True, ok=(422,))]),
    # Between the password and the session; whoever comes by himself is led to either.
    "mfa_authenticate": Route(
        [
            Call("GET", Level.ANYBODY, ok=(302,)),
            Call("POST", Level.ANYBODY, form=True, ok=(302,)),
        ]
    ),
    "switch-organisation": Route(
        [
            Call(
                "POST",
                MEMBER,
                form=True,
                body=lambda world: {"organisation": world["organisation"].pk},
                # The other organisation's administrator is told that there is no such one.
                ok=(302, 404),
            )
        ]
    ),
    "api-keys": Route([Call("GET", MEMBER)]),
    "ssh-key-add": Route(
        [Call("POST", MEMBER, form=True, body={"ssh-public_key": KEY}, ok=(302,))]
    ),
    "ssh-key-revoke": Route(
        [Call("POST", owner=Who.EDITOR, form=True, ok=(302,))], args={"key_id": "ssh_key"}
    ),
    "token-create": Route(
        [
            Call(
                "POST",
                MEMBER,
                form=True,
                body={"token-name": "Import", "token-scope": "read", "token-lifetime": "30"},
                ok=(200,),
            )
        ]
    ),
    "token-revoke": Route(
        [Call("POST", owner=Who.EDITOR, form=True, ok=(302,))], args={"token_id": "api_token"}
    ),
}

REST: Table = {
    "api-me": Route([Call("GET", MEMBER), Call("PATCH", MEMBER, body={"name": "Ann"})]),
    "api-organisation": Route([Call("GET", MEMBER), Call("PATCH", ADMIN, body={"name": "Lab"})]),
    "api-members": Route(
        [Call("GET", MEMBER), Call("POST", ADMIN, body={"email": "new@example.org"})]
    ),
    "api-member": Route(
        [
            Call("GET", MEMBER, seen=MEMBER),
            Call("PATCH", ADMIN, seen=MEMBER, body={"role": "member"}),
            Call("DELETE", ADMIN, seen=MEMBER),
        ],
        args={"user_id": "colleague"},
    ),
    "api-teams": Route([Call("GET", MEMBER), Call("POST", ADMIN, body={"name": "Owls"})]),
    "api-team": Route(
        [
            Call("GET", MEMBER, seen=MEMBER),
            Call("PATCH", ADMIN, seen=MEMBER, body={"name": "Owls"}),
            Call("DELETE", ADMIN, seen=MEMBER),
        ],
        args={"team_id": "team"},
    ),
    "api-team-members": Route(
        [
            Call(
                "POST",
                ADMIN,
                seen=MEMBER,
                body=lambda world: {"user": str(world["colleague"].pk)},
            )
        ],
        args={"team_id": "team"},
    ),
    "api-team-member": Route(
        [Call("DELETE", ADMIN, seen=MEMBER)], args={"team_id": "team", "user_id": "colleague"}
    ),
    "api-tokens": Route([Call("GET", MEMBER), Call("POST", MEMBER, body={"name": "Import"})]),
    "api-token": Route(
        [Call("GET", owner=Who.EDITOR), Call("DELETE", owner=Who.EDITOR)],
        args={"token_id": "api_token"},
    ),
    "api-ssh-keys": Route([Call("GET", MEMBER), Call("POST", MEMBER, body={"public_key": KEY})]),
    "api-ssh-key": Route(
        [Call("GET", owner=Who.EDITOR), Call("DELETE", owner=Who.EDITOR)],
        args={"key_id": "ssh_key"},
    ),
}

ACCOUNTS: Table = PAGES | REST
