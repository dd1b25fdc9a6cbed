"""`relay audit` in parts. Which logs, and what is known of them: `given` (as typed), `formats`, `plugged` (plugins),
`who_file`, `columns`. As sources that can be read again: `source` (JSON lines), `exported` (with `aside`, what is not
judged) and `joined`, all opened by `opening`, watched by `progress` and `told`. Before there is a figure: `trying` and
`counting`, the dry run. Judged under the shop's options and under the strict bundle: `running`, `judging`, `inquiring`.
Shown as a table (`table`), as files (`rows`, `book`, `comma`) or as the reasoning behind one round (`one_round`).

Every word for people is Chinese first. What is written depends on the log and the options and on nothing else: the
same log gives the same table and the same files, on any day and any machine.
"""
