"""The build chain: set-up, book, derived notebooks and tests. `make help` lists its verbs."""

from tools.set_up import any_encoding

any_encoding()
