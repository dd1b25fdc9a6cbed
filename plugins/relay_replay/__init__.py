"""The far side of a replay: what was said in a log, written and carried as a OneBot bridge would have.

    frames   a line of the log as the event of either version that tells it
    bridge   the sockets over which they go, each waited for until it is durable

It decides nothing and reads no file: `relay replay LOG` gives it the lines, instant by instant.
"""
