# Usage: webhook.sh GET, with the header x-heddle-identity in IDENTITY, and x-heddle-identity-previous in
# IDENTITY_PREVIOUS if there is one. Prints the claims: who asks for what.
# Usage: webhook.sh POST < body, with the webhook-* headers in ID, TIMESTAMP and SIGNATURE.
case $HEDDLE_WEBHOOK_SECRET in whsec_?*) ;; *) echo "the webhook secret begins with whsec_"; exit 1 ;; esac
refuse() { echo "$1"; exit 1; }

if [ "$1" = GET ]; then
  # HS256, whatever the token's header says; the key is the secret's text as it is.
  for token in "$IDENTITY" "$IDENTITY_PREVIOUS"; do
    content=${token%.*}
    expected=$(printf %s "$content" | openssl dgst -sha256 -hmac "$HEDDLE_WEBHOOK_SECRET" -binary |
      openssl base64 -A | tr '+/' '-_' | tr -d '=')
    [ "$token" = "$content.$expected" ] && break
  done
  [ "$token" = "$content.$expected" ] || refuse "no x-heddle-identity is signed with the webhook secret"
  claims=${content#*.}
  while [ $((${#claims} % 4)) -ne 0 ]; do claims="$claims="; done
  claims=$(printf %s "$claims" | tr -- '-_' '+/' | openssl base64 -d -A)
  case $claims in
  *'"iss":"heddle","aud":"'"$HEDDLE_AGENT_ID"'"'*) ;;
  *) refuse "x-heddle-identity is another agent's" ;;
  esac
  expires=$(printf %s "$claims" | sed 's/.*"exp":\([0-9]*\).*/\1/')
  [ "$(date +%s)" -le $((expires + 60)) ] || refuse "x-heddle-identity has expired"
  case $claims in
  *'"action":"get_items"'* | *'"action":"item_clicked"'*) echo "$claims" ;;
  *) refuse "x-heddle-identity is that of a write" ;;
  esac
else
  key=$(printf %s "${HEDDLE_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
  expected=v1,$({ printf '%s.%s.' "$ID" "$TIMESTAMP"; cat; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
  # While the secret is rotated there are two signatures, separated by a space. One has to match.
  case " $SIGNATURE " in *" $expected "*) ;; *) refuse "no webhook-signature matches" ;; esac
  age=$(($(date +%s) - TIMESTAMP))
  [ "${age#-}" -le 300 ] || refuse "webhook-timestamp is more than five minutes off"
fi
