"""Models of the accounts app."""

from accounts.models.api_token import ApiToken
from accounts.models.invitation import Invitation
from accounts.models.organisation import Membership, Organisation
from accounts.models.sign_in_attempt import SignInAttempt
from accounts.models.ssh_key import SSHKey
from accounts.models.team import Team
from accounts.models.user import User, UserManager

__all__ = [
    "ApiToken",
    "Invitation",
    "Membership",
    "Organisation",
    "SSHKey",
    "SignInAttempt",
    "Team",
    "User",
    "UserManager",
]
