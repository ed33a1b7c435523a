package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	"shop.example/heddle"
)

type item struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

func webhook(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err == nil {
		err = heddle.Verify(request, body, os.Getenv("HEDDLE_WEBHOOK_SECRET"))
	}
	response.Header().Set("content-type", "application/json")
	if err != nil {
		response.WriteHeader(http.StatusUnauthorized)
		json.NewEncoder(response).Encode(map[string]string{"message": err.Error()})
		return
	}
	json.NewEncoder(response).Encode(itemsOf(request.URL.Query().Get("endUserId")))
}

// Your own tables stand here.
func itemsOf(endUserID string) []item {
	return []item{{ID: "1042", Title: "Hello " + endUserID}}
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(webhook)))
}
