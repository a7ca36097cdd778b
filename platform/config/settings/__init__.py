"""Settings. They only read the environment (config.env): no input or output, secure by default."""
