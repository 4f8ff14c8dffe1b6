"""Which policies, primitives and elasticities matter most?"""
