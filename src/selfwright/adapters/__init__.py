"""What fills the ports: journals, blobs, engines, sandboxes, repos. Only ``bootstrap`` imports from here."""

__all__: list[str] = []
