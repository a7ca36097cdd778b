"""What a person does in the pages, one function for each deed."""
