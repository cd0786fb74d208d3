"""How much a person may say at once, in a recording that is played or understood."""

MOST_BYTES = 20_000_000
LONGEST_S = 60
SHORTEST_S = 0.2
