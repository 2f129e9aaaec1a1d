package node

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// Headers of a webhook: Unix seconds, and in hexadecimal the HMAC-SHA256 under the secret over them, a
// dot, and the body. docs/protocol.md §12.7
const (
	timeHeader      = "Valise-Time"
	signatureHeader = "Valise-Signature"
)

// webhookBody is the whole body of a webhook.
type webhookBody struct {
	Event string `json:"event"`
	Realm string `json:"realm"`
	Text  string `json:"text"`
	Ref   string `json:"ref"`
}

// webhook posts a notice and wants an answer of 2xx. It follows nobody elsewhere, and reads no answer
// beyond its head.
func (c caller) webhook(ctx context.Context, p Person, n notice) error {
	secret, err := c.secret(p.Secret)
	if err != nil {
		return err
	}
	if len(secret) < leastSecret {
		return fmt.Errorf("its secret has fewer than %d characters", leastSecret)
	}
	body, err := json.Marshal(webhookBody{n.event, n.realm, n.text, n.ref})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Webhook, bytes.NewReader(body))
	if err != nil {
		return errors.New("its URL cannot be used")
	}
	at := strconv.FormatInt(c.now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "valise")
	request.Header.Set(timeHeader, at)
	request.Header.Set(signatureHeader, hex.EncodeToString(signWebhook(secret, at, body)))
	// A connection of its own: what is called seldom keeps none open.
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.roots},
	}
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return plainly(ctx, err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the other end answered %d", answer.StatusCode)
	}
	return nil
}

func signWebhook(secret []byte, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
