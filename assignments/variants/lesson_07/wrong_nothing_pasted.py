# loses: 7.quiz
quiz = """
"""
