"""django-allauth: signing in, a second factor, new passwords by e-mail, sessions.

Single sign-on follows by adding its apps; people come by invitation only.
"""

from config.env import env

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

# Whether people may have their account ask for codes of an app. Who has turned that on is asked in
# any case, and may turn it off.
SECOND_FACTOR_OFFERED = env.bool("KINDRED_MFA", default=True)
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Kindred"
# Clocks of phones are some seconds off: the code before and the one after do, too.
MFA_TOTP_TOLERANCE = 1
