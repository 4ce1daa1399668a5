"""The live lab: the GAN that trains in the page, in plain JavaScript, and the proof of it."""
