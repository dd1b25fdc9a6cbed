"""Responders at work: they are asked when a buyer's question opens, and what they draft is offered to the agents.

questions   which questions are open, read off committed facts, and what they say
asking      one responder: whom it is asked about, for how long, how much it may say
host        where a responder runs: in a thread and event loop of its own, so that one that blocks harms nobody
sockets     the WebSockets that a responder wants served, spoken where it runs
book        the approved quick replies, as responders may read them
drafting    all of them together: built, started, asked, counted, stopped

Laws: nothing is asked before the question is durable, and no responder is ever waited for. A desk's loop and the
deadlines never depend on one: what it costs is its own draft.
"""
