"""One module for each suite; see benchmarks.__main__ for what it holds."""
