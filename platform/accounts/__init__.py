"""People, organisations, teams, SSH keys and API tokens."""
