# loses: 7.quiz
answers = json.loads(text())
answers["what-d-says"]["mark"] = "0123456789ab"
quiz = json.dumps(answers)
