"""A terminal in which a person can answer buyers: a pure screen (`view`), what was typed (`typed`), and a socket."""
