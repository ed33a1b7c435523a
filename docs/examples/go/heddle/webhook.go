package heddle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxAge         = 5 * time.Minute
	clockTolerance = time.Minute
)

// Call is what Heddle asks for. ItemID, Cursor and what follows are empty where there is none.
type Call struct {
	Action, TabID, ItemID, Cursor string
	EndUser                       struct{ ID, Email, Name string }
	EntryID, ClientID, Body       string
	Changes                       map[string]any
}

type identity struct {
	Call
	Iss, Aud, Sub, Email, Name string
	Exp                        int64
}

// ErrNotJSON says that a body can't be read although its signature is right.
var ErrNotJSON = errors.New("the body must be JSON")

// VerifiedCall fails if the request can't be trusted to come from Heddle, with ErrNotJSON if its body can't be read.
// body holds the raw bytes, before any parser; secret begins with whsec_.
func VerifiedCall(request *http.Request, body []byte, agentID, secret string) (call Call, err error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) == 0 {
		return call, errors.New("the webhook secret must be whsec_ and base64")
	}
	if request.Method == http.MethodPost {
		if err = verifySignature(request.Header, body, key); err == nil && json.Unmarshal(body, &call) != nil {
			err = ErrNotJSON
		}
		return call, err
	}
	claims := claimsOf(request.Header.Get("x-heddle-identity"), secret)
	if claims == nil { // there while the secret is rotated, and signed with the old one
		claims = claimsOf(request.Header.Get("x-heddle-identity-previous"), secret)
	}
	var who identity
	if err := json.Unmarshal(claims, &who); err != nil {
		return call, errors.New("no x-heddle-identity is signed with the webhook secret")
	}
	if who.Iss != "heddle" || who.Aud != agentID {
		return call, errors.New("x-heddle-identity is another agent's")
	}
	if time.Since(time.Unix(who.Exp, 0)) > clockTolerance {
		return call, errors.New("x-heddle-identity has expired")
	}
	if who.Action != "get_items" && who.Action != "item_clicked" {
		return call, errors.New("x-heddle-identity is that of a write")
	}
	who.EndUser.ID, who.EndUser.Email, who.EndUser.Name = who.Sub, who.Email, who.Name
	return who.Call, nil
}

// claimsOf gives JSON if HS256 with the secret's text as it is signs it, whatever the token's header says; else nil.
func claimsOf(token, secret string) []byte {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	expected := base64.RawURLEncoding.EncodeToString(sum([]byte(secret), parts[0]+"."+parts[1]))
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !hmac.Equal([]byte(parts[2]), []byte(expected)) {
		return nil
	}
	return claims
}

// verifySignature follows Standard Webhooks: the key is what follows whsec_, base64-decoded.
func verifySignature(header http.Header, body, key []byte) error {
	timestamp := header.Get("webhook-timestamp")
	content := header.Get("webhook-id") + "." + timestamp + "." + string(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(sum(key, content))
	// While the secret is rotated there are two signatures, separated by a space. One has to match.
	matches := false
	for _, given := range strings.Fields(header.Get("webhook-signature")) {
		matches = matches || hmac.Equal([]byte(given), []byte(expected))
	}
	if !matches {
		return errors.New("no webhook-signature matches")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age > maxAge || age < -maxAge {
		return errors.New("webhook-timestamp is more than five minutes off")
	}
	return nil
}

func sum(key []byte, content string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(content))
	return mac.Sum(nil)
}
