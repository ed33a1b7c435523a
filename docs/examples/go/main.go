package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"shop.example/heddle"
)

type object map[string]any

// Messages by visitor, the oldest first. Your own tables stand here.
var (
	threads = map[string][]object{}
	mutex   sync.Mutex
)

func webhook(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err == nil {
		err = heddle.Verify(request, body, os.Getenv("HEDDLE_WEBHOOK_SECRET"))
	}
	var status int
	var answer object
	if err != nil {
		status, answer = http.StatusUnauthorized, object{"message": err.Error()}
	} else {
		status, answer = answerOf(request.URL.Query(), body)
	}
	response.Header().Set("content-type", "application/json")
	response.WriteHeader(status)
	json.NewEncoder(response).Encode(answer)
}

// answerOf answers for visitors who have one conversation each, whose id is the visitor's.
func answerOf(query url.Values, body []byte) (int, object) {
	visitor, action := query.Get("endUserId"), query.Get("action")
	item := object{"id": visitor, "title": "Hello " + visitor}
	if action == "get_items" {
		return http.StatusOK, object{"items": []object{item}}
	}
	if query.Has("itemId") && query.Get("itemId") != visitor {
		return http.StatusNotFound, object{"message": "There is no such conversation."}
	}
	mutex.Lock()
	defer mutex.Unlock()
	if action == "item_clicked" {
		return http.StatusOK, object{"item": item, "entries": append([]object{}, threads[visitor]...)}
	}
	if action != "create_item" {
		return http.StatusBadRequest, object{"message": "There is no " + action + " here."}
	}

	var written struct{ ClientID, Body string }
	if err := json.Unmarshal(body, &written); err != nil {
		return http.StatusBadRequest, object{"message": "The body must be JSON."}
	}
	for _, entry := range threads[visitor] {
		if entry["clientId"] == written.ClientID { // sent again: the one that is there
			return http.StatusOK, object{"item": item, "entry": entry}
		}
	}
	entry := object{
		"id":        written.ClientID,
		"clientId":  written.ClientID,
		"author":    object{"role": "visitor"},
		"body":      written.Body,
		"createdAt": time.Now().UTC(),
	}
	threads[visitor] = append(threads[visitor], entry)
	return http.StatusOK, object{"item": item, "entry": entry}
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(webhook)))
}
