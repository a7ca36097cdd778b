"""The HTTP surface that the official Encord SDK speaks: translations to and from our services."""
