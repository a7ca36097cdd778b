"""The Explorer: one query (filters, similarity, order, paging) and its page."""
