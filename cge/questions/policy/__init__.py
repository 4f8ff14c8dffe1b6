"""Which rates are best for somebody, what if all choose theirs, and what could they agree on?"""
