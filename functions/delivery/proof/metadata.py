"""Whether a picture tells more than it shows: the place, the time or the device that a camera writes into it."""

# Exif in JPEG (Exif 2.32, section 4.7.2), PNG (PNG 3, eXIf) and WebP (container specification, EXIF), and XMP in all
# three. The bytes may stand in a picture by chance, and then it is held back for nothing.
MARKS = (b"Exif\0\0", b"eXIf", b"EXIF", b"http://ns.adobe.com/xap/", b"XML:com.adobe.xmp", b"XMP ")


def has_metadata(content: bytes) -> bool:
    """Whether Exif or XMP stands in the file."""
    return any(mark in content for mark in MARKS)
