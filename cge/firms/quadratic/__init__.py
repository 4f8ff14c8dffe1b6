"""Quadratic demand beside an outside good (chapter, section 8): market size, variable mark-ups and selection without fixed costs of selling."""
