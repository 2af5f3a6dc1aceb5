"""Bindings to what makes model calls. Each is imported only when it is used."""
