"""The demo: handwritten digits, brought in through the services that everybody's data uses."""
