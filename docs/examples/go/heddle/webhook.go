package heddle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxAge = 5 * time.Minute

// Verify says why a request can't be trusted to come from Heddle, and nil if it can.
// body holds the raw bytes, before any parser; secret begins with whsec_.
func Verify(request *http.Request, body []byte, secret string) error {
	id := request.Header.Get("webhook-id")
	timestamp := request.Header.Get("webhook-timestamp")
	signatures := request.Header.Get("webhook-signature")
	if id == "" || timestamp == "" || signatures == "" {
		return errors.New("a webhook-* header is missing")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age > maxAge || age < -maxAge {
		return errors.New("webhook-timestamp is more than five minutes off")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) == 0 {
		return errors.New("the webhook secret must be whsec_ and base64")
	}
	mac := hmac.New(sha256.New, key)
	// RequestURI is the path and query exactly as they were requested.
	mac.Write([]byte(id + "." + timestamp + "." + request.Method + " " + request.RequestURI + "\n"))
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	// While a secret is being rotated there are two signatures, separated by a space. One has to match.
	for _, given := range strings.Fields(signatures) {
		if hmac.Equal([]byte(given), []byte(expected)) {
			return nil
		}
	}
	return errors.New("no webhook-signature matches")
}
