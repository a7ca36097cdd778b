"""Limits of the accounts app, with their reasons."""

from datetime import timedelta

# A token's last use is for people who look for dead tokens: minutes suffice, and a write with each
# call would make every read a write.
LAST_USED_INTERVAL = timedelta(minutes=1)

# Failed sign-ins for one address within the window, after which it has to wait. A person who
# mistypes has enough; a guesser gets 480 tries a day.
SIGN_IN_FAILURES = 5
SIGN_IN_WINDOW_SECONDS = 15 * 60
# The same for one client address, over all accounts: offices share one.
SIGN_IN_FAILURES_PER_CLIENT = 50

TOKENS_PER_PERSON = 100
SSH_KEYS_PER_PERSON = 100
