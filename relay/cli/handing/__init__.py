"""Figures handed to others: one reading of the ledger, gathered once, as CSV, as a workbook and as a page.

`records` is what is told, `gathering` how it is read from the ledger, `tables` the same as tables, and a file for each
kind of file. Laws: the strict reading leads and the shop's own stands beside it; each figure is there with and without
automation; a day on which nobody asked has no rate; a buyer is a `buyer_ref`, and no text of a buyer is in any of them.
"""
