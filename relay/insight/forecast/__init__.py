"""Now and next: what today's figure and the thirty days' will probably be, and how many rounds may still be missed.

    records   what goes in and what comes out
    spread    the quantiles of a count that is not known yet
    volume    how many rounds the rest of the day will bring
    budget    how many of them may be missed
    foreseen  all of it together
    words     the same in sentences, Chinese and English

Law: where too little is known nothing is projected. A range is of nine days in ten, and it is tested as that.
"""
