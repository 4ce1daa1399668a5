# 7.quiz gets 0: Not counted
quiz = "66 of 66 questions answered, 66 of 66 points"
