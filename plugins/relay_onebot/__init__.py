"""OneBot 11 and 12 with relay as the application: shops' bridges that hook their own chat client connect here.

The words of the protocol, for whoever speaks it in either role:

    segments    the parts of a message, and CQ codes
    events11    the events of version 11
    events12    the events of version 12
    actions     actions, responses, echoes
    retcodes    what a response proves
    auth        tokens and signatures
    ids         integers and strings
"""
