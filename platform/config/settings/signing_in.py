"""django-allauth: signing in, new passwords by e-mail, sessions.

Two-factor and single sign-on follow by adding its apps; people come by invitation only.
"""

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# The page says the same whether there is such an address or not; strangers get no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# The brake on guessing counts in PostgreSQL (accounts.services.attempts): Redis may be away.
ACCOUNT_RATE_LIMITS = False
# A link by mail is good for an hour.
PASSWORD_RESET_TIMEOUT = 3600
