"""What the process is put together from; `relay.app` is the whole."""
