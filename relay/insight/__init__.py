"""Floor 1, judging: figures and views that are projections of the facts. Pure; nothing here is ever desk state."""
