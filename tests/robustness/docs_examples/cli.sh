# The examples in shell have their visitor and their change written in.
examples="$(dirname "$0")/../../../docs/examples/curl"
if [ "$1" = token ]; then
  HEDDLE_SIGNING_SECRET=$2 bash "$examples/user_token.sh"
else
  HEDDLE_URL=$2 HEDDLE_API_KEY=$3 bash "$examples/publish.sh"
fi
