"""Determinations as text for people and programs; nothing here decides anything."""
