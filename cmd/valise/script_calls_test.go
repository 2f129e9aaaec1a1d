package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// callDesk is the other end of a webhook, as docs/operator.md describes it: it takes what is signed
// with the secret of a file, writes a line for it, and refuses all else: calldesk ADDRESS SECRET OUT
func callDesk() {
	fmt.Fprintln(os.Stderr, serveDesk(os.Args[1:]))
	os.Exit(1)
}

func serveDesk(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: calldesk ADDRESS SECRET OUT")
	}
	secret, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	out, err := os.OpenFile(args[2], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return http.ListenAndServe(args[0], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(strings.TrimSpace(string(secret))))
		mac.Write([]byte(r.Header.Get("Valise-Time") + "."))
		mac.Write(body)
		if err != nil || r.Header.Get("Valise-Signature") != hex.EncodeToString(mac.Sum(nil)) {
			fmt.Fprintln(out, "forged")
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprintln(out, r.URL.Path, string(body))
	}))
}
