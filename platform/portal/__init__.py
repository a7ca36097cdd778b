"""The web shell: navigation, sign-in, jobs."""
