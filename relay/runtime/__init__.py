"""Floor 3, doing: clocks, queues, sockets and the desk's one loop. It carries out; it never decides."""
