"""Few firms inside CES: mark-ups that rise with a firm's share of its market (chapter, footnotes 6 and 37)."""
