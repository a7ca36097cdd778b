"""The operator's console: Django's admin under the strict Content-Security-Policy."""
