"""The build chain: set-up, book, derived notebooks and tests. `make help` lists its verbs."""
