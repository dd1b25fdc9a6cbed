"""What relay costs, measured against the simplest thing that could do the same job: `python -m bench`.

    __main__    the run: every row in turn, progress on the way, the table, `bench/results.json`
    rows        what a row is, how it is judged and how it is shown
    corpus      the messages of a round, built and signed before the clock starts
    load        the client: one process, raw sockets, closed loop for throughput and open loop for latency
    bare        the bare pipeline that relay is compared with
    child       a server in a process of its own, stopped when its parent goes
    shop        a relay with one shop, its seats and agents, in a temporary folder
    intake      the rows of the webhook: throughput and latency
    onebot      the rows of the OneBot channel, beside NoneBot2
    slow        the rows of sockets that stop reading, beside those that go on
    entrance    people who come in at the console, and their sockets
    console     the rows of a hundred of the console's sockets
    browser     Debian's chromium, and a page of the console in it
    paint       the rows of the agent's page: from a message to its being painted
    wall        the rows of a supervisor's wall in a browser
    deadlines   the rows of the deadlines: decided in time, and on their way in time
    desk        the rows inside one process: a step of the desk, a routing decision, replay
    restart     the rows of a start with a ledger full of open rounds
    figure      the row of the audit

Laws of this package:
* Two figures are compared only if they come from one run on one machine; every row that can says a ratio.
* Both sides of a comparison get the same client, the same bytes and the same load, in turns.
* A message counts when it is acknowledged and its frame has been seen; a lost one fails the whole run.
* A goal that does not hold is shown as such.
* Loopback only, bounded in time, and nothing that was started is left behind.
"""
