# loses: 7.quiz
quiz = json.dumps({"score": 66, "points": {item.id: 1 for item in items.load().items}})
