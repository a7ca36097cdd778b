"""Reading of images and videos. Knows no Django; every file is taken for hostile."""
