"""HTML views of the embeddings app."""
