"""Which reading of a rule gives the figures that the platform published. Pure.

space        the readings: versions of the rule, and answers to the questions that its text leaves open
talks        the log by conversation, and which questions can make a difference in each
trying       the days under every reading, readings that nothing tells apart together
fitting      readings held against published numbers: what can be rounded to them, and how likely the rest is
separating   the rounds that two readings judge differently
calibration  all of it in one record, and what came of it; sentences: in words
known        day by day: the platform's number, relay's, and what lies between; settlement: with the strict bundle;
             settled_words: in words
units        in what a rule's figure is published: a rate or a mean wait
"""
