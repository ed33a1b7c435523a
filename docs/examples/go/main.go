package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
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
	var call heddle.Call
	body, err := io.ReadAll(request.Body)
	if err == nil {
		call, err = heddle.VerifiedCall(request, body, os.Getenv("HEDDLE_AGENT_ID"), os.Getenv("HEDDLE_WEBHOOK_SECRET"))
	}
	var status int
	var answer object
	if errors.Is(err, heddle.ErrNotJSON) {
		status, answer = http.StatusBadRequest, object{"message": err.Error()}
	} else if err != nil {
		status, answer = http.StatusUnauthorized, object{"message": err.Error()}
	} else {
		status, answer = answerOf(call)
	}
	response.Header().Set("content-type", "application/json")
	response.WriteHeader(status)
	json.NewEncoder(response).Encode(answer)
}

// answerOf answers for visitors who have one conversation each, whose id is the visitor's.
func answerOf(call heddle.Call) (int, object) {
	visitor := call.EndUser.ID
	item := object{"id": visitor, "title": "Your messages"}
	if call.Action == "get_items" {
		return http.StatusOK, object{"items": []object{item}}
	}
	if call.ItemID != "" && call.ItemID != visitor {
		return http.StatusNotFound, object{"message": "There is no such conversation."}
	}
	mutex.Lock()
	defer mutex.Unlock()
	if call.Action == "item_clicked" {
		return http.StatusOK, object{"item": item, "entries": append([]object{}, threads[visitor]...)}
	}
	if call.Action != "create_item" {
		return http.StatusBadRequest, object{"message": "There is no " + call.Action + " here."}
	}

	for _, entry := range threads[visitor] {
		if entry["clientId"] == call.ClientID { // sent again: the one that is there
			return http.StatusOK, object{"item": item, "entry": entry}
		}
	}
	entry := object{
		"id":        call.ClientID,
		"clientId":  call.ClientID,
		"author":    object{"role": "visitor"},
		"body":      call.Body,
		"createdAt": time.Now().UTC(),
	}
	threads[visitor] = append(threads[visitor], entry)
	return http.StatusOK, object{"item": item, "entry": entry}
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(webhook)))
}
