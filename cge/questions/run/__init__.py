"""What does a policy change?"""
