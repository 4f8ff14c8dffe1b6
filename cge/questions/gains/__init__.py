"""What would every country lose without trade?"""
