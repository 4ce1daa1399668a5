# loses: 7.quiz
quiz = "66 of 66 questions answered, 66 of 66 points"
