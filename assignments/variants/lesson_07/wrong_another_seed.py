# loses: 7.quiz
quiz = text(0).replace('"seed": 0', '"seed": 1')
