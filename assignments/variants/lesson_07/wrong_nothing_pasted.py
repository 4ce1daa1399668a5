# 7.quiz gets 0: Not answered yet
quiz = """
"""
