"""Floor 3, doing: HTTP and WebSocket. It checks who asks and how much they may send; it never decides about a buyer."""
