"""What a draft means for a whole table of platforms: what they cost, who pays, who gains.

In: a table, the regime in force and the one with the draft. Out: an Impact. `both` puts the two regimes into one query,
`sums` adds up what it counts, `run` goes through the table, `row` explains one row, `as_json` is for programs.
"""
