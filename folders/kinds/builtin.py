"""The kinds that are always there; registered by importing this module (FoldersConfig.ready)."""

from folders.choices import ItemKind
from folders.kinds.base import Kind
from folders.kinds.registry import register

IMAGE = register(
    Kind(
        name=ItemKind.IMAGE,
        label="Image",
        icon="image",
        viewer="folders/viewers/image.html",
        mime_prefixes=("image/",),
        measure="folders.media.operations:measure_image",
        measure_many="folders.media.operations:measure_images",
        picture="folders.media.operations:picture_image",
    )
)
VIDEO = register(
    Kind(
        name=ItemKind.VIDEO,
        label="Video",
        icon="film",
        viewer="folders/viewers/video.html",
        mime_prefixes=("video/",),
        measure="folders.media.operations:measure_video",
        picture="folders.media.operations:picture_video",
        has_frames=True,
    )
)
IMAGE_GROUP = register(
    Kind(
        name=ItemKind.IMAGE_GROUP,
        label="Image group",
        icon="layout-grid",
        viewer="folders/viewers/image_group.html",
        has_parts=True,
    )
)
IMAGE_SEQUENCE = register(
    Kind(
        name=ItemKind.IMAGE_SEQUENCE,
        label="Image sequence",
        icon="gallery-horizontal",
        viewer="folders/viewers/image_sequence.html",
        has_parts=True,
        has_frames=True,
    )
)
