# 7.quiz gets less: Points by lesson
quiz = text(0).replace('"seed": 0', '"seed": 1')
