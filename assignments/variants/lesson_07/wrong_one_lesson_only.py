# 7.quiz gets less: Questions without an answer
quiz = text(asked=[item for item in items.load().items if item.lesson == 1])
