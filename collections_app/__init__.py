"""Collections and presets."""
