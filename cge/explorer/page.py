"""The page as HTML text."""


def page(nonce: str) -> str:
    """The page; `nonce` is that of the content policy, which its scripts and styles must bear."""
    return "<!doctype html><html lang=en><meta charset=utf-8><title>cge explore</title><p>The explorer answers at /world and /ask."
