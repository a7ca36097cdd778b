"""Template tags that every app's templates may use; settings load them as builtins."""
