"""Daily settlement: what each shop's figure was when its day was settled, and what later facts made of it.

`fold` is the projection, `views` what a report shows of its rows, `reading` how the rows are found on a shelf.
"""
