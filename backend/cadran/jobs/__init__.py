"""What runs besides requests: the queue, and the worker that empties it."""
