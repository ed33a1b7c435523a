package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"shop.example/heddle"
)

func main() {
	words := os.Args[2:]
	if os.Args[1] == "token" {
		var user heddle.User
		must(json.Unmarshal([]byte(words[1]), &user))
		token, err := heddle.UserToken(user, words[0])
		must(err)
		fmt.Println(token)
		return
	}
	var change heddle.Change
	must(json.Unmarshal([]byte(words[2]), &change))
	must(heddle.Publish(context.Background(), words[0], words[1], change))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
