"""Limits of the accounts app, with their reasons."""

from datetime import timedelta

# A token's last use is for people who look for dead tokens: minutes suffice, and a write with each
# call would make every read a write.
LAST_USED_INTERVAL = timedelta(minutes=1)

# Attempts to sign in that failed within the window. A person who mistypes has enough; somebody who
# guesses at one account from one address gets 480 tries a day.
SIGN_IN_WINDOW = timedelta(minutes=15)
SIGN_IN_FAILURES = 5
# Over all client addresses: a guesser with many of them is stopped too, and has to work to lock
# the owner of the account out.
SIGN_IN_FAILURES_PER_EMAIL = 50
# Over all accounts: offices share one address.
SIGN_IN_FAILURES_PER_CLIENT = 100
# Mails with a link to a new password, within the same window.
RESETS_PER_EMAIL = 3
RESETS_PER_CLIENT = 30

# An invitation that waits longer than this is asked for anew.
INVITATION_LIFETIME = timedelta(days=14)
OPEN_INVITATIONS = 500

# How exactly the list of sessions knows when each was seen last.
SESSION_SEEN_INTERVAL = timedelta(minutes=5)

TOKENS_PER_PERSON = 100
SSH_KEYS_PER_PERSON = 100

# Days that the page offers for a token; 0 is no expiry. The API takes any moment.
TOKEN_LIFETIMES = ((30, "In 30 days"), (90, "In 90 days"), (365, "In a year"), (0, "Never"))
