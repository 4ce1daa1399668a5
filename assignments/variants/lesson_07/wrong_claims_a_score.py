# 7.quiz gets 0: Answers that don't count
quiz = json.dumps({"score": 66, "points": {item.id: 1 for item in items.load().items}})
