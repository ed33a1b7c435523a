package heddle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	attempts    = 3
	timeout     = 10 * time.Second
	longestWait = 30 * time.Second
)

// Change says what has become stale: at least one of the first three.
type Change struct {
	EndUserID      string   `json:"endUserId,omitempty"`
	ConversationID string   `json:"conversationId,omitempty"`
	EndUserIDs     []string `json:"endUserIds,omitempty"`
	Event          *Event   `json:"event,omitempty"`
}

// Event has content for those who have the conversation open: see docs/realtime.md.
type Event struct {
	Type string `json:"type"`
	Data any    `json:"data,omitempty"`
}

type reason struct {
	Code, Message string
	Issues        []struct{ Path, Message string }
}

type answer struct {
	OK     bool
	Error  *reason
	reason // the platform's own, where the function did not run
}

func (r reason) String() string {
	if r.Message == "" {
		r.Message = "no reason given"
	}
	text := r.Code + ": " + r.Message
	for _, issue := range r.Issues {
		text += "; " + issue.Path + ": " + issue.Message
	}
	return text
}

// Publish makes the open widgets of a visitor fetch again. The error holds Heddle's reason if it can't.
// baseURL is https://<project>.supabase.co, apiKey begins with hdl_.
func Publish(ctx context.Context, baseURL, apiKey string, change Change) error {
	if strings.ContainsAny(apiKey, " \t\r\n") {
		return errors.New("the API key holds white space, such as the newline at a file's end")
	}
	body, err := json.Marshal(change)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		status, wait, result, err := send(ctx, baseURL, apiKey, body)
		if err != nil {
			return err
		}
		if status == http.StatusOK && result.OK {
			return nil
		}
		passes := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
		if !passes || attempt == attempts {
			why := result.reason
			if result.Error != nil {
				why = *result.Error
			}
			return fmt.Errorf("Heddle answered %d %s", status, why)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func send(ctx context.Context, baseURL, apiKey string, body []byte) (status int, wait time.Duration, result answer, err error) {
	url := strings.TrimSuffix(baseURL, "/") + "/functions/v1/realtime-publish"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, 0, result, err
	}
	request.Header.Set("x-api-key", apiKey)
	request.Header.Set("content-type", "application/json")

	client := http.Client{Timeout: timeout}
	response, err := client.Do(request)
	if err != nil {
		return 0, 0, result, err
	}
	defer response.Body.Close()
	// A proxy may answer HTML; the status tells enough then.
	_ = json.NewDecoder(response.Body).Decode(&result)

	wait = time.Second
	if seconds, err := strconv.Atoi(response.Header.Get("retry-after")); err == nil {
		wait = time.Duration(seconds) * time.Second
	}
	if wait > longestWait {
		wait = longestWait
	}
	return response.StatusCode, wait, result, nil
}
