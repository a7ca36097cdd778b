"""Forms of the accounts pages; the services check the values."""

from typing import Any

from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from django import forms
from redis.exceptions import RedisError

from accounts.choices import AttemptKind, OrganisationRole, TokenScope
from accounts.constants import TOKEN_LIFETIMES
from accounts.services.attempts import count_attempt, forgive
from accounts.services.recovery import recover_account
from core.errors import DomainError

ROLES = [(OrganisationRole.MEMBER, "Member"), (OrganisationRole.ADMIN, "Administrator")]


class PageForm(forms.Form):
    """A form in the product's look, which takes the errors of services."""

    # What services call a field -> what this form calls it.
    renamed: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            look = "select" if isinstance(widget, forms.Select) else "input"
            widget.attrs.setdefault("class", look)

    def take_error(self, error: DomainError) -> None:
        """Show a service's error: at the fields that it names, the rest above the form."""
        for wrong in error.errors:
            path = self.renamed.get(wrong.path, wrong.path)
            self.add_error(path if path in self.fields else None, wrong.message)
        if not error.errors:
            self.add_error(None, error.message)


class SignInForm(PageForm):
    """E-mail address and password."""

    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def focus_password(self) -> None:
        """After a failure it is the password that is typed again."""
        self.fields["email"].widget.attrs.pop("autofocus")
        self.fields["password"].widget.attrs["autofocus"] = True


class ProfileForm(PageForm):
    """The person's name."""

    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class PasswordForm(PageForm):
    """The present password and a new one, twice."""

    old_password = forms.CharField(
        label="Present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label="New password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both new passwords are the same."""
        cleaned = super().clean() or {}
        new, repeated = cleaned.get("new_password"), cleaned.get("repeated")
        if new and repeated and new != repeated:
            self.add_error("repeated", "The two passwords differ.")
        return cleaned


class OwnPasswordForm(PageForm):
    """The password once more, before something that a stranger at the desk must not do."""

    password = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, prefix_id: str = "", **kwargs: Any) -> None:
        """A page with several of them tells their fields apart by a prefix of the ids."""
        super().__init__(*args, auto_id=f"{prefix_id}_%s" if prefix_id else "id_%s", **kwargs)


_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


class TurnOnForm(OwnPasswordForm):
    """A code of the app that shall be asked for, and the password."""

    code = forms.CharField(
        label="Code of the app", max_length=20, widget=forms.TextInput(attrs={**_CODE})
    )

    field_order = ["code", "password"]


class CodeForm(PageForm, AuthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """A code of the app, or one from paper."""

    code = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={**_CODE, "autofocus": True})
    )

    def clean_code(self) -> str:
        """Take a code that is right, counted before it is looked at."""
        try:
            attempt = count_attempt(
                request=context.request, email=self.user.email, kind=AttemptKind.CODE
            )
            code: str = super().clean_code()
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        except RedisError as error:
            # Which codes were used is kept there.
            text = "The code cannot be checked at the moment. Try again shortly."
            raise forms.ValidationError(text) from error
        forgive(attempt)
        return code


class SSHKeyForm(PageForm):
    """A public key."""

    public_key = forms.CharField(
        max_length=10_000,
        help_text="The line of a .pub file. Ed25519 keys only: ssh-keygen -t ed25519",
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "class": "textarea mono",
                "placeholder": "ssh-ed25519 AAAA… name@host",
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
    )
    name = forms.CharField(
        max_length=150,
        required=False,
        help_text="Left empty, the key's comment names it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TokenForm(PageForm):
    """A token to make."""

    name = forms.CharField(
        max_length=150,
        widget=forms.TextInput(attrs={"placeholder": "Nightly import", "autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        choices=[(TokenScope.READ, "Read"), (TokenScope.WRITE, "Read and write")]
    )
    lifetime = forms.TypedChoiceField(
        label="Expires",
        coerce=int,
        choices=TOKEN_LIFETIMES,
        initial=90,
    )


class AskPasswordForm(PageForm, ResetPasswordForm):  # type: ignore[misc]  # allauth carries no types
    """The address that a link to a new password is sent to."""

    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class NewPasswordForm(PageForm, ResetPasswordKeyForm):  # type: ignore[misc]  # allauth carries no types
    """A new password, twice."""

    renamed = {"new_password": "password1"}
    password1 = forms.CharField(
        label="New password",
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    password2 = forms.CharField(
        label="New password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def save(self) -> None:
        """Set it, and end every other way into the account."""
        recover_account(user=self.user, password=self.cleaned_data["password1"])


class JoinForm(PageForm):
    """Name and password of somebody new."""

    renamed = {"new_password": "password"}
    name = forms.CharField(
        label="Your name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = forms.CharField(
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class InviteForm(PageForm):
    """Whom to invite as what."""

    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(
            attrs={"autocomplete": "off", "placeholder": "name@example.org", "autofocus": True}
        ),
    )
    role = forms.ChoiceField(
        choices=ROLES, help_text="Administrators see all folders and manage people."
    )


class RoleForm(PageForm):
    """What a member is."""

    role = forms.ChoiceField(choices=ROLES)


class HeirForm(PageForm):
    """Whom the things of a member who goes become."""

    heir = forms.EmailField(
        label="Hand over to",
        required=False,
        help_text="Address of another member. Left empty, shares end, and collections and presets "
        "are left to the editors of their folders.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "name@example.org"}),
    )


class TeamForm(PageForm):
    """Name and description of a team."""

    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    description = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "textarea"})
    )


class TeamMemberForm(PageForm):
    """Whom to put into a team."""

    email = forms.EmailField(
        label="Add a member",
        widget=forms.EmailInput(
            attrs={"autocomplete": "off", "list": "people", "placeholder": "name@example.org"}
        ),
    )


class OrganisationForm(PageForm):
    """The organisation's name."""

    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"}))
