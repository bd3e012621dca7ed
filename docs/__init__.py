"""The papers, and what writes the parts of them that come from the code."""
