"""The world around a shop, simulated: buyers, the shop's platform with its bridge, and the people on the seats.

    talk        what buyers ask and agents answer, in words of our own
    script      who comes when with what, from a seed alone
    manner      how a person works: what is answered at once, looked up first, or put off
    platform    the shop's chat platform: message ids, server time, and its moods
    bridge      the small program between platform and relay: signed webhooks, both ways
    buyers      the script acted out
    line        one socket of the agents' protocol
    agents      the people on the seats
    supervisor  the one who looks whether a text of unknown outcome is there
    world       all of them together
    shops       the settings of the two shops
    words       facts as sentences
    cells       text in a terminal: how wide it is, and columns
    table       the live picture
    screen      where it is shown
    guide       what stands around it: what one sees, and the commands for afterwards
    place       the folder of a demo, and its clock
    life        tasks that begin and end together

Laws: the world is outside. It reaches relay over loopback sockets alone, with secrets and tokens like anybody's, and
would work the same from another machine. It offers no plugin kind: what it needs of relay is the webhook channel and
the agents' socket, which every shop has. The same seed writes the same script; time comes in as an argument.
"""
