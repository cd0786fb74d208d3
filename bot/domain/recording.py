"""How much a person may say at once, in words or in a recording that is played or understood."""

MOST_BYTES = 20_000_000
LONGEST_S = 60
LONGEST_WORDS = 500
"""Characters that a horn says at once: two minutes of Mandarin."""
SHORTEST_S = 0.2
