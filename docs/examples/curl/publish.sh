# The body may also hold an "event", with content for those who have the conversation open: see docs/realtime.md
case $HEDDLE_API_KEY in *[[:space:]]*) echo "The API key holds white space."; exit 1 ;; esac
curl -sS --fail-with-body --max-time 10 --retry 2 --retry-max-time 60 \
  "${HEDDLE_URL%/}/functions/v1/realtime-publish" \
  -H "x-api-key: $HEDDLE_API_KEY" -H 'content-type: application/json' \
  -d '{"endUserId":"ada","conversationId":"1042"}'
