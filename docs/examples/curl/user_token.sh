base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

now=$(date +%s)
header=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url)
claims=$(printf '{"sub":"ada","name":"Ada Okafor","email":"ada@example.com","iat":%d,"exp":%d}' \
  "$now" "$((now + 600))" | base64url)
signature=$(printf %s "$header.$claims" | openssl dgst -sha256 -hmac "$HEDDLE_SIGNING_SECRET" -binary | base64url)
echo "$header.$claims.$signature"
