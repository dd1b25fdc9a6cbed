"""`relay audit` in parts: the log is read and watched (`source`, `progress`, `told`), judged under the shop's options
and under the strict bundle (`judging`), and shown as a table (`table`), as files (`rows`, `book`, `sheet`) or as the
reasoning behind one round (`one_round`).

Every word for people is Chinese first. What is written depends on the log and the options and on nothing else: the
same log gives the same table and the same files, on any day and any machine.
"""
