"""The manager's pages of the cars: listed, edited one by one, and brought in by a file."""
