"""The rule language: facts, conditions in three values, tables, derivations, and the vocabulary that has them."""
