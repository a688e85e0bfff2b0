"""Engines: conditions compiled for durable-rules, and its answers."""
