"""{% icon "name" %}: a symbol of the Lucide sprite that the front-end build makes."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader

register = template.Library()

_SPRITE = "src/icons.svg"


@register.simple_tag
def icon(name: str, css_class: str = "", *, label: str = "") -> SafeString:
    """Draw the icon in the colour of the text, 16 px unless the class says otherwise.

    Args:
        name: a name of https://lucide.dev/icons. Names written in templates enter the sprite by
            themselves; those that a variable holds stand in frontend/src/icons.json.
        css_class: further classes, as "icon-l".
        label: text for screen readers; without it the icon is decoration and hidden from them.
    """
    sprite = DjangoViteAssetLoader.instance().generate_vite_asset_url(_SPRITE)
    meaning = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="{}" width="16" height="16" {}><use href="{}#{}"></use></svg>',
        f"icon {css_class}".rstrip(),
        meaning,
        sprite,
        name,
    )
