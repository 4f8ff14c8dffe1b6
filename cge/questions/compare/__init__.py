"""How much of the answer depends on the model?"""
