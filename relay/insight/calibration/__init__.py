"""Which reading of a rule gives the figures that the platform published.

units       in what a rule's figure is published: a rate or a mean wait
"""
