"""Blocks that predict, for tests: one of each kind, as a lesson writes them."""

CHOICE = """\
:::{predict} who-wins
:kind: choice
:answer: 2

Which of the two
players wins, $D$?

- The generator.
- The discriminator,
  or *D*.
- Neither.
:::
"""
NUMBER = """\
:::{predict} mean-after
:kind: number
:low: 0
:high: 10
:step: 0.1
:unit: steps

Where is the mean?
:::
"""
CURVE = """\
:::{predict} density
:kind: curve
:x: 0 10
:y: 0 0.5
:y-label: density

Draw the density.
:::
"""
