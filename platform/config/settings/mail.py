"""E-mail: invitations and new passwords. Without a server, mails are written to the log."""

from config.env import env

# smtp+tls://user:password@host:587 (STARTTLS), smtp+ssl://…:465, or smtp://host:25.
_url = env.str("KINDRED_EMAIL_URL", default="") or "consolemail://"
_server = env.email_url_config(_url)
# Whatever is sent goes into a table first (core.services.mails), and from there to the server.
EMAIL_BACKEND = "core.mail.OutboxBackend"
MAIL_SERVER_BACKEND = _server["EMAIL_BACKEND"]
EMAIL_HOST = _server.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _server.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _server.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _server.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_server.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_server.get("EMAIL_USE_SSL"))
# Seconds for each answer of the server.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("KINDRED_EMAIL_FROM", default="Kindred <kindred@localhost>")
# Whether mails reach mailboxes: only then does having one prove whose account it is.
MAIL_IS_DELIVERED = not _url.startswith("consolemail:")
