package heddle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// User is the visitor who is signed in; Name and Email are optional.
type User struct {
	ID, Name, Email string
}

type claims struct {
	Sub   string `json:"sub"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Iat   int64  `json:"iat"`
	Exp   int64  `json:"exp"`
}

// UserToken makes a token for the signed-in user. Only on the server: whoever has the secret can pose as anybody.
func UserToken(user User, signingSecret string) (string, error) {
	now := time.Now().Unix()
	payload, err := json.Marshal(claims{user.ID, user.Name, user.Email, now, now + 600})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	content := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, []byte(signingSecret))
	mac.Write([]byte(content))
	return content + "." + encode(mac.Sum(nil)), nil
}
