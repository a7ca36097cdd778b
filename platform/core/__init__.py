"""Shared kernel: base models, jobs, audit, errors, API manners. Imports no other app."""
