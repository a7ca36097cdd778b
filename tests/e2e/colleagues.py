"""More people of the organisation, put straight into the database of a stack."""

from pathlib import Path

from tests.stack.running import manage

_CODE = """
from accounts.actor import Actor
from accounts.models import Membership
from accounts.services.organisations import add_member
from folders.choices import FolderRole
from folders.models import Folder
from folders.services.grants import grant_folder

one = Membership.objects.select_related("user", "organisation").get(user__email={of!r})
actor = Actor(user=one.user, organisation=one.organisation)
member, password = add_member(actor=actor, email={email!r}, name={name!r})
if {folder!r}:
    grant_folder(actor=actor, folder=Folder.objects.get(pk={folder!r}), role=FolderRole.VIEWER,
                 user=member.user)
print("password", password)
"""


def add_colleague(data: Path, of: str, email: str, name: str, *, may_see: str = "") -> str:
    """Add a member to the organisation that somebody (by his address) administers, who may look at
    a folder if one is named; return the password.
    """
    code = _CODE.format(of=of, email=email, name=name, folder=may_see)
    made = manage("shell", "-c", code, KINDRED_DATA=str(data))
    assert made.returncode == 0, made.stderr
    return made.stdout.split("password ")[-1].strip()
