"""JSON Schemas of requests and rules, from the vocabulary."""
