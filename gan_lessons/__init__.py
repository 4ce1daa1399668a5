"""The helper package of the course on GANs in one dimension."""
