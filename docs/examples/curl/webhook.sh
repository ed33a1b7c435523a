# Usage: webhook.sh METHOD 'PATH?QUERY' < body, with the three headers in ID, TIMESTAMP and SIGNATURE.
case $HEDDLE_WEBHOOK_SECRET in whsec_?*) ;; *) echo "the webhook secret begins with whsec_"; exit 1 ;; esac
key=$(printf %s "${HEDDLE_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
expected=v1,$({ printf '%s.%s.%s %s\n' "$ID" "$TIMESTAMP" "$1" "$2"; cat; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
# While a secret is being rotated there are two signatures, separated by a space. One has to match.
case " $SIGNATURE " in
*" $expected "*) ;;
*) echo "no webhook-signature matches"; exit 1 ;;
esac
case $TIMESTAMP in *[!0-9]* | "") echo "webhook-timestamp is no number"; exit 1 ;; esac
age=$(($(date +%s) - TIMESTAMP))
if [ "${age#-}" -gt 300 ]; then
  echo "webhook-timestamp is more than five minutes off"
  exit 1
fi
