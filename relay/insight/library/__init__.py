"""The texts of the quick-reply library, judged and found without a desk: folding, checks, search, import, export.

    folding    a text without width, case, decoration and script, and the way back to what stood there
    words      the categories of listed words as people write them
    contacts   telephone numbers and addresses on the net
    checking   what speaks against a text, each with its place, its reason and its weight
    searching  a reply by initials, pinyin, a part of it or nearly so, ranked by fit and own use
    slips      pinyin typed with one slip of the finger
    carrying   rows of a table into replies and back, line by line

The words themselves and the starter library are data of the package (`relay/config/library`), read one floor higher.
"""
