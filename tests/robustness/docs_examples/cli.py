import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../docs/examples/python"))
from publish import publish
from user_token import create_user_token

task, *words = sys.argv[1:]
if task == "token":
    print(create_user_token(json.loads(words[1]), words[0]))
else:
    publish(words[0], words[1], json.loads(words[2]))
