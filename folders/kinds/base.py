"""What a kind of item has to say of itself."""

from dataclasses import dataclass

from folders.choices import ItemKind

# A function that runs in a decoder: "module:function". See folders.media.decoding.
Operation = str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of items.

    name          as it is stored
    label         as people read it, in the singular
    icon          name of its icon
    viewer        template that shows one item of it
    mime_prefixes beginnings of the MIME types, as sniffed, of the files that become items of it
    measure       operation that reads a new file: measures, and the thumbnails made at once
    measure_many  operation that reads several small files at once, one after the other in one
    picture       operation that makes pictures when they are asked for
    has_parts     it is made of other items (its parts) and has no file of its own
    has_frames    it has numbered frames, which may be units
    """

    name: ItemKind
    label: str
    icon: str
    viewer: str
    mime_prefixes: tuple[str, ...] = ()
    measure: Operation = ""
    measure_many: Operation = ""
    picture: Operation = ""
    has_parts: bool = False
    has_frames: bool = False

    @property
    def has_file(self) -> bool:
        """Whether items of it have an original that a worker reads."""
        return bool(self.measure)

    @property
    def parts_are_frames(self) -> bool:
        """Whether a part is a frame of the whole rather than a unit of its own."""
        return self.has_parts and self.has_frames
